import DiffusionCore
import DiffusionTUI

/// Advances a run from its noise to its images, and reports on every step.
public struct GenerateJob: Sendable {
  private let request: GenerateRequest
  private let model: String
  private let engine: EngineReport
  private let receipt: ReceiptHeading?
  private let progress: ProgressLine
  private let write: @Sendable (PrintedText) throws -> Void
  private let checkCancellation: @Sendable () throws -> Void

  /// Creates a job.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - model: The display name of the model.
  ///   - engine: The engine, its device and its threads.
  ///   - receipt: The receipt's heading; needed if the request includes a receipt.
  ///   - progress: The line that shows the progress of the steps.
  ///   - write: Writes the report: a table line by line as the steps are taken, JSON at the end.
  ///   - checkCancellation: Called before every block of the model; may throw to stop.
  public init(
    request: GenerateRequest, model: String, engine: EngineReport, receipt: ReceiptHeading? = nil,
    progress: ProgressLine, write: @escaping @Sendable (PrintedText) throws -> Void = { _ in },
    checkCancellation: @escaping @Sendable () throws -> Void
  ) {
    self.request = request
    self.model = model
    self.engine = engine
    self.receipt = receipt
    self.progress = progress
    self.write = write
    self.checkCancellation = checkCancellation
  }

  /// Takes all of a run's steps, writes the requested files, and prints the report. A run that fails or is stopped
  /// leaves no file, unless only its report could not be printed.
  ///
  /// - Throws: ``DiffusionError``, what `checkCancellation` throws, or ``DescriptorStream/ReaderGone`` if nobody reads
  ///   the report any more and no file is requested.
  public func run(_ start: some SteppableRun) throws -> GenerateReport {
    var run = start
    var output = ReportOutput(write: write, outlivesReader: request.writesFiles)
    defer { progress.clear() }
    var trace: TraceRecording?
    do {
      let heading = GenerateHeading(of: run, model: model, engine: engine)
      var exports = try RunExports(request.exports, heading: receipt, run: run)
      trace = try request.trace?.begin(initialNoise: run.initialNoise)
      if request.format == .table { try output.print(heading.text + StepLines.heading(latents: run.samplesAreLatents)) }
      let (steps, sample) = try walk(&run, &exports, &output, trace)
      let check = checkCancellation
      let images = try run.images(of: sample) { _ in try check() }
      let decoder = try run.nonFiniteLayer(behind: images, of: sample) { _ in try check() }
      let exported = try exports.files(images: images)
      try checkCancellation()
      let files = try request.destination?.write(images, checkCancellation: checkCancellation) ?? []
      for file in exported {
        try AtomicFile.write(file.bytes, to: file.path, checkCancellation: checkCancellation)
      }
      try trace?.commit(steps: steps.count)
      let report = GenerateReport(
        heading: heading, timesteps: run.schedule.map(\.timestep), steps: steps,
        images: ImagesReport(images, nonFinite: decoder, files: files),
        latents: run.samplesAreLatents ? LatentsReport(sample) : nil,
        exports: exported.isEmpty ? nil : exported.map(\.path))
      progress.clear()
      try output.print(request.format == .table ? report.result : report.json())
      return report
    } catch {
      trace?.discard()
      throw error
    }
  }

  private func walk(
    _ run: inout some SteppableRun, _ exports: inout RunExports, _ output: inout ReportOutput, _ trace: TraceRecording?
  ) throws -> ([StepReport], Tensor<Float>) {
    let check = checkCancellation
    var steps: [StepReport] = []
    var sample = run.initialSample
    var state = RunProgress(steps: run.schedule.count)
    progress.show(state)
    while run.completedSteps < run.schedule.count {
      try check()
      let step = try run.step { _ in try check() }
      try trace?.write(step)
      try exports.record(step)
      let report = StepReport(step, stage: run.stage(ofStep: step.index)?.name)
      sample = step.prevSample
      state.append(step)
      if request.format == .table {
        progress.clear()
        try output.print(StepLines.lines(report, after: steps.last))
      }
      steps.append(report)
      progress.show(state)
    }
    return (steps, sample)
  }
}

/// Where a job prints its report. A reader that has seen enough, such as `head`, ends the job, unless it also writes
/// files.
private struct ReportOutput {
  let write: (PrintedText) throws -> Void
  let outlivesReader: Bool
  private var isReaderGone = false

  init(write: @escaping (PrintedText) throws -> Void, outlivesReader: Bool) {
    (self.write, self.outlivesReader) = (write, outlivesReader)
  }

  mutating func print(_ text: PrintedText) throws {
    guard !isReaderGone else { return }
    do {
      try write(text)
    } catch let error as DescriptorStream.ReaderGone {
      guard outlivesReader else { throw error }
      isReaderGone = true
    }
  }
}
