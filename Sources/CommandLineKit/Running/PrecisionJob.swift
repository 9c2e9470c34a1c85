import DiffusionCore
import DiffusionTUI

/// Takes the steps of a run exactly and less exactly, and reports how far they part.
public struct PrecisionJob: Sendable {
  private let request: GenerateRequest
  private let model: String
  private let engine: EngineReport
  private let progress: ProgressLine
  private let write: @Sendable (PrintedText) throws -> Void
  private let checkCancellation: @Sendable () throws -> Void

  /// Creates a job.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - model: The display name of the model.
  ///   - engine: The engine, its device and its threads.
  ///   - progress: The line that shows the progress of the steps.
  ///   - write: Writes the report: a table line by line as the steps are taken, JSON at the end.
  ///   - checkCancellation: Called before every block of the models; may throw to stop.
  public init(
    request: GenerateRequest, model: String, engine: EngineReport, progress: ProgressLine,
    write: @escaping @Sendable (PrintedText) throws -> Void = { _ in },
    checkCancellation: @escaping @Sendable () throws -> Void
  ) {
    (self.request, self.model, self.engine) = (request, model, engine)
    (self.progress, self.write, self.checkCancellation) = (progress, write, checkCancellation)
  }

  /// Takes all steps, compares the layers in the first one of each stage, and prints the report.
  ///
  /// - Throws: ``DiffusionError``, what `checkCancellation` throws, or ``DescriptorStream/ReaderGone`` if nobody reads
  ///   the report any more.
  @discardableResult
  public func run(_ start: PrecisionStudy) throws -> PrecisionReport {
    var study = start
    let check = checkCancellation, run = study.exactRun
    defer { progress.clear() }
    let heading = GenerateHeading(of: run, model: model, engine: engine)
    if request.format == .table { try write(heading.text + PrecisionLines.heading) }
    var state = RunProgress(steps: run.schedule.count)
    progress.show(state)
    let starts = run.stages.isEmpty ? [0] : run.stages.map(\.steps.lowerBound)
    var layers: [PrecisionReport.StepLayers] = []
    while !study.isFinished {
      try check()
      if starts.contains(study.steps.count) {
        layers.append((study.steps.count, try study.layers { _ in try check() }))
      }
      let step = try study.step { _ in try check() }
      state.append(timestep: step.timestep, seconds: step.seconds)
      if request.format == .table {
        progress.clear()
        try write(PrecisionLines.line(step))
      }
      progress.show(state)
    }
    let images = try study.images { _ in try check() }
    let report = PrecisionReport(heading: heading, study: study, layers: layers, images: images)
    progress.clear()
    try write(request.format == .table ? report.result : report.json())
    return report
  }
}
