/// A stage of a run behind its first: networks and a scheduler of its own, and a sample of its own that begins with
/// noise. What the stage before ended with only tells its network what to make.
///
/// The steps of all stages are one timeline (``DenoisingRun/schedule``): each stage is a part of the run, as the steps
/// behind a branch are.
package struct RunStage: Sendable {
  /// Its name on screens: `decoder`.
  package var name: String
  /// The number of its inference steps.
  package var steps: Int
  /// The network that predicts.
  package var model: any DenoisingModel
  /// The network of its last step; nil for the same.
  package var lastModel: (any DenoisingModel)?
  /// The shape of the samples of one image, `[channels, height, width]`.
  package var sampleShape: [Int]
  /// Whether it goes on with the sample that the stage before ended with, and not with noise of its own.
  package var continuesSample = false
  /// What the network is told, from the sample that the stage before ended with.
  package var conditioning: @Sendable (Tensor<Float>) throws -> RunConditioning

  /// Creates a stage.
  package init(
    _ name: String, steps: Int, model: any DenoisingModel, lastModel: (any DenoisingModel)? = nil,
    sampleShape: [Int], conditioning: @escaping @Sendable (Tensor<Float>) throws -> RunConditioning
  ) {
    (self.name, self.steps, self.model, self.lastModel) = (name, steps, model, lastModel)
    (self.sampleShape, self.conditioning) = (sampleShape, conditioning)
  }
}
