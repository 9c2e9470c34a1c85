/// A way to compute a run less exactly than the engine does.
public enum PrecisionVariant: String, Sendable, CaseIterable {
  /// With weights rounded to bfloat16.
  case bfloat16
  /// With weights rounded to float16.
  case float16
  /// With every weight as it is, and sums in an order that depends on the number of threads, as in other runtimes: the
  /// device `cpu:reassociated`.
  case reassociated

  /// The settings of the run that it stands in for, computed this way.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device is not available.
  package func settings(from exact: RunSettings) throws -> RunSettings {
    var settings = exact
    switch self {
    case .bfloat16: settings.weights = .bfloat16
    case .float16: settings.weights = .float16
    case .reassociated: settings.device = try Device(parsing: "cpu:reassociated")
    }
    return settings
  }
}

/// A step of a run computed in less exact ways, each compared with the exact one.
public struct PrecisionStep: Sendable, Equatable {
  /// How far one of them is from the exact run.
  public struct Deviation: Sendable, Equatable {
    /// Of x_{t-1}, the sample after the step.
    public let sample: TensorComparison
    /// Of the model's output.
    public let modelOutput: TensorComparison
  }

  /// The index of the step, from 0.
  public let index: Int
  /// The training timestep of the exact run's model call.
  public let timestep: Float
  /// For each variant of the study.
  public let deviations: [Deviation]
  /// The time that the step took in all runs together.
  public let seconds: Double
}

/// How far the output of a layer is from that of the exact run.
public struct LayerDeviation: Sendable, Equatable {
  /// The layer's name in the weights.
  public let layer: String
  /// The L2 norm of the difference over that of the exact output: 0 where they are equal, infinite or NaN where either
  /// is not finite.
  public let relativeError: Double
  /// ``relativeError`` over that of the layer that ran before; nil for the first layer and where that one has none.
  public let growth: Double?
}

/// Where the precision of a run goes: the run in float32, and the same run with rounded weights and with sums in
/// another order, step by step. All have the same noise, so that nothing but arithmetic parts them.
public struct PrecisionStudy {
  /// The less exact ways, in the order of every result.
  public let variants: [PrecisionVariant]
  /// The steps so far.
  public private(set) var steps: [PrecisionStep] = []
  private var exact: DenoisingRun
  private var runs: [DenoisingRun]

  /// Opens the models and draws the noise.
  ///
  /// - Parameters:
  ///   - pipeline: The pipeline, whose model is used where it matches.
  ///   - settings: The settings of the exact run: float32 weights, and no demonstration as a device.
  ///   - start: What all runs start from.
  ///   - variants: The less exact ways.
  ///   - progress: Called before each tensor of a model is read; may throw to stop.
  /// - Throws: ``DiffusionError``: `usage` for settings whose weights are rounded or whose device is a demonstration;
  ///   otherwise as ``DiffusionPipeline/run(_:from:)``, and what `progress` throws.
  public init(
    _ pipeline: DiffusionPipeline, _ settings: RunSettings, from start: RunStart = .noise,
    variants: [PrecisionVariant] = PrecisionVariant.allCases, progress: OpeningProgressHandler? = nil
  ) throws {
    guard settings.weights == .float32 else {
      throw DiffusionError(
        .usage,
        "weights is \(settings.weights.rawValue): a precision report rounds weights itself; leave it float32")
    }
    guard settings.demonstration == nil else {
      throw DiffusionError(
        .usage,
        "device is \(settings.device): a precision report starts from exact sums and adds that device itself; "
          + "take another one")
    }
    var models = PipelineVariants(pipeline)
    exact = try models.run(settings, from: start, progress: progress)
    runs = []
    for variant in variants {
      runs.append(try models.run(variant.settings(from: exact.settings), from: start, progress: progress))
    }
    self.variants = variants
  }

  /// The exact run.
  public var exactRun: DenoisingRun { exact }
  /// Whether every step is taken.
  public var isFinished: Bool { exact.isFinished }

  /// Takes the next step of all runs. If `progress` throws, all are left as they were before the step.
  ///
  /// - Parameter progress: Called before each block of a model.
  /// - Throws: What `progress` throws, and ``DiffusionError`` (`usage`) if the runs are finished.
  @discardableResult
  public mutating func step(progress: ForwardProgressHandler? = nil) throws -> PrecisionStep {
    let states = ([exact] + runs).map(\.noise.state)
    var next = self
    do {
      let reference = try next.exact.step(progress: progress)
      var seconds = reference.seconds
      let deviations = try next.runs.indices.map { index in
        let step = try next.runs[index].step(progress: progress)
        seconds += step.seconds
        return PrecisionStep.Deviation(
          sample: try TensorComparison(reference: reference.prevSample, other: step.prevSample),
          modelOutput: try TensorComparison(reference: reference.modelOutput, other: step.modelOutput))
      }
      let step = PrecisionStep(
        index: reference.index, timestep: reference.timestep, deviations: deviations, seconds: seconds)
      next.steps.append(step)
      self = next
      return step
    } catch {
      for (run, state) in zip([exact] + runs, states) { run.noise.restore(state) }
      throw error
    }
  }

  /// The distances of the images after the steps so far, for each variant; values of images are in [0, 1].
  ///
  /// - Parameter progress: Called before each block of a decoder; an error it throws stops the decoder there.
  /// - Throws: What `progress` throws, and ``DiffusionError``.
  public func images(progress: ForwardProgressHandler? = nil) throws -> [TensorComparison] {
    let reference = try exact.images(of: exact.sample, progress: progress)
    return try runs.map { run in
      let images = try run.images(of: run.sample, progress: progress)
      return try TensorComparison(reference: reference, other: images, peakRange: 1)
    }
  }

  /// How far every layer is from the exact run's in the step that comes next, for each variant, in the order layers
  /// run. In the first step all have the same input, so that what is found arose in the layers; in the first step of a
  /// later stage, also in what came before. No run changes.
  ///
  /// Outputs of the exact run are held in parts, for which the models predict again.
  ///
  /// - Parameters:
  ///   - bytes: The memory for outputs of the exact run.
  ///   - progress: Called before each block of a model; may throw to stop.
  /// - Throws: What `progress` throws, and ``DiffusionError`` (`usage`) if the runs are finished.
  public func layers(
    holding bytes: Int = 1 << 28, progress: ForwardProgressHandler? = nil
  ) throws -> [[LayerDeviation]] {
    let input = try exact.nextInput(), inputs = try runs.map { try $0.nextInput() }
    var errors: [[(layer: String, error: Double)]] = runs.map { _ in [] }
    var first = 0, isWhole = false
    while !isWhole {
      let held = LayerPart(from: first, holding: bytes)
      isWhole = try held.pass(of: exact.model, input, progress: progress) { try held.keep($1, at: $0) }
      for index in runs.indices {
        let measured = LayerPart(from: first)
        _ = try measured.pass(of: runs[index].model, inputs[index], progress: progress) { place, output in
          try measured.measure(output, at: place, against: held.outputs)
        }
        errors[index] += measured.errors
      }
      first += held.outputs.count
    }
    return errors.map { errors in
      errors.indices.map { index in
        let own = errors[index].error, before = index > 0 ? errors[index - 1].error : 0
        return LayerDeviation(
          layer: errors[index].layer, relativeError: own, growth: before > 0 ? own / before : nil)
      }
    }
  }
}

extension DenoisingRun {
  /// The input of the next step's first model call. The run and its generators do not change.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the run is finished.
  fileprivate func nextInput() throws -> ModelInput {
    let state = noise.state
    defer { noise.restore(state) }
    return try beginStep().input
  }
}
