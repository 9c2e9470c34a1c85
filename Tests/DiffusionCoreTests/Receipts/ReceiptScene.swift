import DiffusionCore
import TestSupport

/// A run with a formula in place of a model, and its receipt.
struct ReceiptScene {
  /// A model whose output can be changed.
  struct Model: DenoisingModel {
    var factor: Float = 1

    func callAsFunction(
      _ input: ModelInput, progress: ForwardProgressHandler?
    ) throws -> Tensor<Float> {
      let factor = factor
      return try AnalyticModel()(input, progress: progress).map { $0 * factor }
    }
  }

  var settings = RunSettings(seeds: [7], batchSize: 2, steps: 4, eta: 0.3, threads: 1)
  var model = Model()
  var config = DDIMSchedulerConfig()
  var picture: SourcePicture?

  static let heading = ReceiptHeading(
    model: ReceiptModel(id: "formula", files: [ReceiptModel.File(name: "a", sha256: "00")]),
    programVersion: "1.2.3")

  func run() throws -> DenoisingRun {
    try DenoisingRun(
      model: model, scheduler: try DDIMScheduler(config: config), sampleShape: [3, 4, 4],
      settings: settings.resolved(), noise: NoiseSource(settings), start: picture.map { .picture($0) } ?? .noise,
      clock: TickingClock())
  }

  func receipt() throws -> Receipt {
    var run = try run()
    var recorder = ReceiptRecorder(
      Self.heading, scheduler: .ddim, settings: run.settings, initialNoise: run.initialNoise,
      picture: run.picture, initialSample: run.initialSample)
    while !run.isFinished { recorder.record(try run.step()) }
    return try recorder.receipt(images: try run.output().images)
  }

  /// The first difference between this scene's run and a receipt.
  func difference(from receipt: Receipt, reference: ReceiptTrace? = nil) throws -> ReceiptDifference? {
    let follower = ReceiptRun(receipt, reference: reference)
    var run = try run()
    let timesteps = run.schedule.map(\.timestep)
    let start = follower.difference(
      timesteps: timesteps, initialNoise: run.initialNoise, initialSample: run.initialSample)
    if let start { return start }
    while !run.isFinished {
      if let difference = follower.difference(step: try run.step()) { return difference }
    }
    return follower.difference(images: try run.output().images)
  }

  /// Writes the tensors of this scene's run as `generate --trace` does.
  func writeTrace(_ folder: ScratchFolder) throws {
    var run = try run()
    try folder.write(run.initialNoise.npyData(), "initial_noise.npy")
    while !run.isFinished {
      let step = try run.step()
      try folder.write(step.sample.npyData(), "sample_\(step.index).npy")
      try folder.write(step.modelOutput.npyData(), "model_output_\(step.index).npy")
    }
  }
}
