/// A scheduler turns a model's predictions into steps (`SchedulerMixin` of Diffusers, as its pipelines use it).
///
/// A scheduler is a value: a step is taken on a copy, which is discarded if the step is cancelled or fails. Steps are
/// identified by their index in ``timesteps``, because timesteps may repeat (Runge-Kutta, Heun).
public protocol Scheduler: Sendable {
  /// Its options, in Diffusers' names.
  associatedtype Configuration: SchedulerConfiguration

  /// The class in Diffusers: `DDIMScheduler`.
  static var className: String { get }
  /// Its short name, which the command line accepts: `ddim`.
  static var shortName: String { get }
  /// The arguments of its `step` that a run may set (`eta`, `s_churn`), in addition to its configuration.
  static var stepOptions: [ConfigurationOption<SchedulerOptions>] { get }

  /// What it tells the model of the noise: a model understands what it was trained with.
  static var tells: NoiseTold { get }

  /// The configuration.
  var config: Configuration { get }
  /// The timesteps of the run, in the order they are taken: one for each model call. There may be more or fewer than
  /// requested.
  var timesteps: [Float] { get }
  /// The factor of the initial noise.
  var initNoiseSigma: Float { get }
  /// The number of model calls that Diffusers counts for each inference step.
  var order: Int { get }
  /// Cumulative products of 1 - beta, one for each training timestep, 1 (image) to 0 (noise): the curve of the plots.
  var alphasCumprod: [Float] { get }

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  init(config: Configuration) throws

  /// Chooses the timesteps of a run, and discards the history of an earlier one.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if that many are not possible.
  mutating func setTimesteps(_ numInferenceSteps: Int) throws

  /// Says which step a run starts with (`set_begin_index`), after ``setTimesteps(_:)``, which resets it to 0.
  ///
  /// - Parameter step: The index in ``timesteps``.
  mutating func setBeginIndex(_ step: Int)

  /// The scale of its samples.
  var scale: NoiseLevel.Scale { get }

  /// The noise level of the sample that a step starts from.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a step that does not exist, and for a timestep outside the schedule.
  func noiseLevel(at step: Int) throws -> NoiseLevel

  /// Cuts the timesteps below a noise level, begins at the level itself, and discards the history. Where the level is
  /// none of the run's, the first step leads from it to the next timestep.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) where too few steps are left.
  mutating func start(at level: NoiseLevel) throws

  /// Gives seeds to a scheduler whose noise comes from generators of its own. A run calls it before each step; most
  /// schedulers take none.
  ///
  /// - Parameters:
  ///   - form: The noise of a step.
  ///   - seeds: Draws a seed from the run's generator, or from that of each image.
  /// - Throws: What `seeds` throws.
  mutating func seedNoise(_ form: NoiseForm, seeds: () throws -> [UInt64]) throws

  /// Whether a step mixes the images of a batch, so that none of them can be made alone.
  var mixesImages: Bool { get }

  /// The number of model calls that a step makes, at least 1. `step` is called as often, each time with the sample that
  /// the step starts from; the last result is that of the step.
  func modelCalls(at step: Int) -> Int

  /// What the next model call of a step is given.
  ///
  /// - Parameters:
  ///   - step: The index in ``timesteps``.
  ///   - sample: x_t, which the step starts from.
  ///   - noise: As for `step`; only a scheduler that adds noise before its first call draws here.
  /// - Throws: ``DiffusionError`` (`usage`) for a step that does not exist, and what `noise` throws.
  mutating func modelCall(
    at step: Int, sample: Tensor<Float>, noise: () throws -> Tensor<Float>
  ) throws -> ModelCall

  /// Scales the input of the model (`scale_model_input`).
  func scaleModelInput(_ sample: Tensor<Float>, at step: Int) throws -> Tensor<Float>

  /// Takes a step (`step`).
  ///
  /// - Parameters:
  ///   - modelOutput: The model's output, `[batch, channels, ...]`; twice the channels if it also predicts variances.
  ///   - step: The index in ``timesteps``.
  ///   - sample: x_t, `[batch, channels, ...]`.
  ///   - options: The options that the run sets.
  ///   - noise: Draws standard normals in the sample's shape. It is called only when nothing else can fail, and as
  ///     often as Diffusers draws.
  /// - Throws: ``DiffusionError`` (`usage`) for a step that does not exist and shapes that differ, and what `noise`
  ///   throws.
  mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput

  /// The terms of a step before it is taken, for the equation, the schedule's plot and the tables.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a step that does not exist, and for a timestep outside the schedule.
  func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms

  /// Applies the forward process: adds the noise of given timesteps to images (`add_noise`).
  ///
  /// - Parameters:
  ///   - originalSamples: Images, `[batch, ...]`.
  ///   - noise: Standard normals, in the same shape.
  ///   - timesteps: One for all, or one for each image.
  /// - Throws: ``DiffusionError`` (`usage`) for shapes or a number of timesteps that do not fit, and for a timestep
  ///   outside the schedule.
  func addNoise(_ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]) throws -> Tensor<Float>

  /// Applies the forward process: adds the noise of a step to images, which is where that step starts.
  ///
  /// - Parameters:
  ///   - originalSamples: Images, `[batch, ...]`.
  ///   - noise: Standard normals, in the same shape.
  ///   - step: The index in ``timesteps``.
  /// - Throws: ``DiffusionError`` (`usage`) for shapes that differ, and for a step that does not exist.
  func addNoise(_ originalSamples: Tensor<Float>, noise: Tensor<Float>, at step: Int) throws -> Tensor<Float>
}

extension Scheduler {
  /// Empty: no arguments.
  public static var stepOptions: [ConfigurationOption<SchedulerOptions>] { [] }
  /// 1: the noise is used as drawn.
  public var initNoiseSigma: Float { 1 }
  /// 1: one model call for each step.
  public var order: Int { 1 }
  /// Nothing: the noise is drawn in the step.
  public mutating func seedNoise(_ form: NoiseForm, seeds: () throws -> [UInt64]) throws {}
  /// Nothing: steps do not depend on where a run starts.
  public mutating func setBeginIndex(_ step: Int) {}
  /// The sample unchanged.
  public func scaleModelInput(_ sample: Tensor<Float>, at step: Int) throws -> Tensor<Float> { sample }

  /// sqrt(alpha-bar) x_0 + sqrt(1 - alpha-bar) noise.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]
  ) throws -> Tensor<Float> {
    try addTrainingNoise(originalSamples, noise, timesteps)
  }

  /// The forward process of training, by the alpha-bars of timesteps, for a class over sigmas that has no other.
  func addTrainingNoise(
    _ originalSamples: Tensor<Float>, _ noise: Tensor<Float>, _ timesteps: [Float]
  ) throws -> Tensor<Float> {
    try forward(originalSamples, noise, timesteps) { sample, noise, rootAlpha, rootBeta in
      rootAlpha * sample + rootBeta * noise
    }
  }

  /// The noise of the step's timestep.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, at step: Int
  ) throws -> Tensor<Float> {
    try addNoise(originalSamples, noise: noise, timesteps: [timestep(at: step)])
  }

  /// The velocity that a `v_prediction` model is trained on: sqrt(alpha-bar) noise - sqrt(1 - alpha-bar) x_0
  /// (`get_velocity`).
  ///
  /// - Throws: As `addNoise(_:noise:timesteps:)`.
  public func getVelocity(
    _ sample: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]
  ) throws -> Tensor<Float> {
    try forward(sample, noise, timesteps) { sample, noise, rootAlpha, rootBeta in
      rootAlpha * noise - rootBeta * sample
    }
  }

  private func forward(
    _ sample: Tensor<Float>, _ noise: Tensor<Float>, _ timesteps: [Float],
    _ formula: (_ sample: Float, _ noise: Float, _ rootAlpha: Float, _ rootBeta: Float) -> Float
  ) throws -> Tensor<Float> {
    let roots = try timesteps.map { timestep in
      let alpha = try alphaCumprod(at: timestep)
      return (alpha.squareRoot(), (1 - alpha).squareRoot())
    }
    let indices = try Self.timestepIndices(of: timesteps.count, sample, noise)
    var result = sample.scalars
    for index in result.indices {
      let (rootAlpha, rootBeta) = roots[indices(index)]
      result[index] = formula(result[index], noise.scalars[index], rootAlpha, rootBeta)
    }
    return Tensor(unchecked: sample.shape, result)
  }

  /// The timestep index of each element of a batch: the same for all, or that of its image.
  static func timestepIndices(
    of timesteps: Int, _ sample: Tensor<Float>, _ noise: Tensor<Float>
  ) throws -> (_ element: Int) -> Int {
    guard let batch = sample.shape.first, noise.shape == sample.shape else {
      throw DiffusionError(.usage, "the noise has shape \(noise.shape): expected the sample's, \(sample.shape)")
    }
    guard timesteps == 1 || timesteps == batch else {
      throw DiffusionError(.usage, "there are \(timesteps) timesteps: expected 1 or one for each image, \(batch)")
    }
    let count = batch == 0 ? 1 : max(1, sample.count / batch)
    return { timesteps == 1 ? 0 : $0 / count }
  }

  /// The alpha-bar of a timestep. A negative one counts from the end, like an index in Python: `trailing` spacing can
  /// end with -1.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a timestep outside the schedule.
  package func alphaCumprod(at timestep: Float) throws -> Float {
    let count = alphasCumprod.count
    guard let index = Int(exactly: timestep), (-count..<count).contains(index) else {
      throw DiffusionError(
        .usage,
        "timestep \(timestep.wholeText) is outside the schedule: expected 0 to \(count - 1); ask for fewer "
          + "steps or lower "
          + "steps_offset")
    }
    return alphasCumprod[index < 0 ? index + count : index]
  }

  /// The timestep of a step.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a step that does not exist.
  func timestep(at step: Int) throws -> Float {
    guard timesteps.indices.contains(step) else {
      throw DiffusionError(.usage, "step \(step) is not one of the run: expected 0 to \(timesteps.count - 1)")
    }
    return timesteps[step]
  }

  /// The step of a timestep of the run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a timestep that is none of them.
  func index(ofTimestep timestep: Float) throws -> Int {
    guard let index = timesteps.firstIndex(of: timestep) else {
      throw DiffusionError(.usage, "timestep \(timestep.wholeText) is not one of the run's timesteps")
    }
    return index
  }

  /// What the first of two model calls of a step left for the second one.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if that call was not made.
  static func first<Value>(_ value: Value?, of step: Int) throws -> Value {
    guard let value else {
      throw DiffusionError(.usage, "step \(step) ends a step of two model calls: take step \(step - 1) before it")
    }
    return value
  }

  /// Refuses a number of steps that is not possible.
  ///
  /// - Parameter most: The largest number for the class; nil for no limit.
  static func check(steps: Int, most: Int?) throws {
    if let most, steps > most {
      throw DiffusionError(
        .usage,
        "`num_inference_steps`: \(steps) steps are more than the \(most) timesteps that the model was trained on "
          + "(num_train_timesteps): ask for 1 to \(most) steps")
    }
    guard steps > 0 else {
      throw DiffusionError(
        .usage, "`num_inference_steps`: \(steps) is too small: expected \(most.map { "1 to \($0)" } ?? "at least 1")")
    }
  }

  /// Refuses a tensor whose shape differs from the sample's.
  static func check(_ name: String, _ tensor: Tensor<Float>, like sample: Tensor<Float>) throws {
    guard tensor.shape == sample.shape else {
      throw DiffusionError(
        .usage, "the \(name) has shape \(tensor.shape): expected the sample's, \(sample.shape)")
    }
  }
}
