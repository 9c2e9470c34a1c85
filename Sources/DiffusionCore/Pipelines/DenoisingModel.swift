/// The input of a model: a sample at a timestep, and its conditioning.
public struct ModelInput: Sendable, Equatable {
  /// The conditioning of a prediction, for each image of the batch; a model refuses kinds that it does not support.
  public struct Conditioning: Sendable, Equatable {
    /// The class of each image.
    public var classLabels: [Int]?
    /// Each prompt's embeddings, `[batch, tokens, features]`.
    public var encoderHiddenStates: Tensor<Float>?

    /// Creates a conditioning; none by default.
    public init(classLabels: [Int]? = nil, encoderHiddenStates: Tensor<Float>? = nil) {
      (self.classLabels, self.encoderHiddenStates) = (classLabels, encoderHiddenStates)
    }
  }

  /// `[batch, channels, height, width]`.
  public var sample: Tensor<Float>
  /// The training timestep, the same for the whole batch; not always a whole number.
  public var timestep: Float
  /// The conditioning of the prediction.
  public var conditioning: Conditioning

  /// Creates an input.
  public init(sample: Tensor<Float>, timestep: Float, conditioning: Conditioning = Conditioning()) {
    (self.sample, self.timestep, self.conditioning) = (sample, timestep, conditioning)
  }
}

extension ModelInput {
  /// One input with the images of several, which have the same timestep, the same shape except for the batch, and the
  /// same kinds of conditioning; nil if there are none.
  static func joined(_ inputs: [ModelInput]) -> ModelInput? {
    guard var all = inputs.first, inputs.count > 1 else { return inputs.first }
    all.sample = .concatenated(inputs.map(\.sample))
    if all.conditioning.classLabels != nil {
      all.conditioning.classLabels = inputs.flatMap { $0.conditioning.classLabels ?? [] }
    }
    if all.conditioning.encoderHiddenStates != nil {
      all.conditioning.encoderHiddenStates = .concatenated(inputs.compactMap(\.conditioning.encoderHiddenStates))
    }
    return all
  }

  /// The properties that inputs must share to form one batch.
  struct BatchKey: Hashable {
    private let timestep: Float
    private let shapes: [[Int]?]

    init(_ input: ModelInput) {
      timestep = input.timestep
      shapes = [
        Array(input.sample.shape.dropFirst()), input.conditioning.classLabels.map { _ in [] },
        input.conditioning.encoderHiddenStates.map { Array($0.shape.dropFirst()) },
      ]
    }
  }
}

extension Tensor<Float> {
  /// Concatenates batches, `[batch, ...]`, whose images have the same shape.
  static func concatenated(_ parts: [Tensor<Float>]) -> Tensor<Float> {
    let images = parts.reduce(0) { $0 + ($1.shape.first ?? 0) }
    return Tensor(unchecked: [images] + (parts.first?.shape.dropFirst() ?? []), parts.flatMap(\.scalars))
  }
}

/// A model that a run gets its predictions from: ``UNet2DModel``, or a formula in its place.
package protocol DenoisingModel: Sendable {
  /// The identity of the model, so that runs of the same model can share a batch; nil for no sharing.
  var identity: ObjectIdentifier? { get }

  /// Predicts. The result has the batch size of the input's sample, and each image of it depends on its own input
  /// alone.
  ///
  /// - Throws: What `progress` throws, without side effects, and ``DiffusionError`` for an input that does not fit.
  func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float>

  /// Predicts again to find the first layer whose output is not finite; nil if there is none, or the model has no
  /// layers.
  ///
  /// - Throws: What `progress` throws.
  func firstNonFiniteLayer(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> NonFiniteLayer?
}

extension DenoisingModel {
  package var identity: ObjectIdentifier? { nil }

  package func firstNonFiniteLayer(
    _ input: ModelInput, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? { nil }
}

extension UNet2DModel: DenoisingModel {
  /// The identity of the object; the same model on another device, with other threads or other weights is another.
  package var identity: ObjectIdentifier? { ObjectIdentifier(self) }

  package func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    guard input.conditioning == ModelInput.Conditioning() else {
      throw DiffusionError(.usage, "the model takes no class labels and no prompt: it is unconditional")
    }
    return try self(input.sample, timestep: input.timestep, progress: progress)
  }

  package func firstNonFiniteLayer(
    _ input: ModelInput, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? {
    try firstNonFiniteLayer(sample: input.sample, timestep: input.timestep, progress: progress)
  }
}
