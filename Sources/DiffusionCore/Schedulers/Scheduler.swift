/// What every scheduler of Diffusers shares (`SchedulerMixin` and the methods that pipelines rely on).
///
/// A step is not part of it: what a step takes differs (DDIM's eta, ancestral noise, an order, a history), and a signature that
/// fitted all of them would promise what some ignore.
public protocol Scheduler: Sendable {
  /// The training timesteps of the run, in the order they are taken.
  var timesteps: [Int] { get }
  /// What ``setTimesteps(_:)`` was last asked for; nil before.
  var numInferenceSteps: Int? { get }
  /// The standard deviation of the noise that a run starts from.
  var initNoiseSigma: Float { get }

  /// Chooses the timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if there cannot be that many.
  mutating func setTimesteps(_ numInferenceSteps: Int) throws

  /// Scales the sample that the model is about to see at a timestep.
  func scaleModelInput(_ sample: Tensor<Float>, timestep: Int) throws -> Tensor<Float>

  /// Adds as much noise to images as they have at timesteps: one for all, or one for each image of the batch.
  func addNoise(_ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Int]) throws -> Tensor<Float>
}
