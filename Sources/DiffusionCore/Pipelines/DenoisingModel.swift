/// A model that a run gets its predictions from: ``UNet2DModel``, ``UNet2DConditionModel``, or a formula in its place.
package protocol DenoisingModel: Sendable {
  /// The identity of the model, so that runs of the same model can share a batch; nil for no sharing.
  var identity: ObjectIdentifier? { get }

  /// Predicts. The result has the batch size of the input's sample, and each image of it depends on its own input
  /// alone.
  ///
  /// - Throws: What `progress` throws, without side effects, and ``DiffusionError`` for an input that does not fit.
  func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float>

  /// Predicts again, and shows the output of each layer; a model without layers shows nothing.
  ///
  /// - Throws: What `observer` and `progress` throw.
  func observe(_ input: ModelInput, observer: @escaping LayerObserver, progress: ForwardProgressHandler?) throws

  /// Predicts again, and returns how much each pixel attends to each token of the input's text; nil for a model that
  /// attends to none.
  ///
  /// - Throws: What `progress` throws.
  func textAttention(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> AttentionMaps?
}

extension DenoisingModel {
  package var identity: ObjectIdentifier? { nil }

  package func observe(
    _ input: ModelInput, observer: @escaping LayerObserver, progress: ForwardProgressHandler?
  ) throws {}

  /// Predicts again to find the first layer whose output is not finite; nil if there is none, or the model has no
  /// layers.
  ///
  /// - Throws: What `progress` throws.
  package func firstNonFiniteLayer(
    _ input: ModelInput, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? {
    try NonFiniteSearch.first(from: input.sample, progress: progress) { observer, progress in
      try observe(input, observer: observer, progress: progress)
    }
  }

  package func textAttention(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> AttentionMaps? { nil }
}

extension UNet2DModel: DenoisingModel {
  /// The identity of the object; the same model on another device, with other threads or other weights is another.
  package var identity: ObjectIdentifier? { ObjectIdentifier(self) }

  package func observe(
    _ input: ModelInput, observer: @escaping LayerObserver, progress: ForwardProgressHandler?
  ) throws {
    _ = try predict(input, observer: observer, progress: progress)
  }
}

extension UNet2DConditionModel: DenoisingModel {
  /// The identity of the object; the same model on another device, with other threads or other weights is another.
  package var identity: ObjectIdentifier? { ObjectIdentifier(self) }

  package func observe(
    _ input: ModelInput, observer: @escaping LayerObserver, progress: ForwardProgressHandler?
  ) throws {
    _ = try predict(input, observer: observer, progress: progress)
  }
}
