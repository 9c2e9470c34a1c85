/// What a model is asked: the sample at a timestep, and what steers it.
public struct ModelInput: Sendable, Equatable {
  /// What steers a prediction beside the sample, for each image of the batch; a model refuses what it does not take.
  public struct Conditioning: Sendable, Equatable {
    /// The class of each image.
    public var classLabels: [Int]?
    /// Each prompt's embeddings, `[batch, tokens, features]`.
    public var encoderHiddenStates: Tensor<Float>?

    /// Describes what steers; nothing if nothing is said.
    public init(classLabels: [Int]? = nil, encoderHiddenStates: Tensor<Float>? = nil) {
      (self.classLabels, self.encoderHiddenStates) = (classLabels, encoderHiddenStates)
    }
  }

  /// `[batch, channels, height, width]`.
  public var sample: Tensor<Float>
  /// The training timestep, the same for the whole batch; not always whole.
  public var timestep: Float
  /// What steers the prediction.
  public var conditioning: Conditioning

  /// Describes what a model is asked.
  public init(sample: Tensor<Float>, timestep: Float, conditioning: Conditioning = Conditioning()) {
    (self.sample, self.timestep, self.conditioning) = (sample, timestep, conditioning)
  }
}

extension ModelInput {
  /// One input for the images of several, which have one timestep, one shape but for the batch, and the same kinds of
  /// conditioning; nil of none.
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

  /// What inputs must have in common to go through a model together.
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
  /// Batches one after the other, `[batch, ...]`, whose images have one shape.
  static func concatenated(_ parts: [Tensor<Float>]) -> Tensor<Float> {
    let images = parts.reduce(0) { $0 + ($1.shape.first ?? 0) }
    return Tensor(unchecked: [images] + (parts.first?.shape.dropFirst() ?? []), parts.flatMap(\.scalars))
  }
}

/// What a run asks for its predictions: ``UNet2DModel``, or a formula in its place.
package protocol DenoisingModel: Sendable {
  /// Which model it is, so that runs of one model can share a batch; nil if each run is to ask alone.
  var identity: ObjectIdentifier? { get }

  /// Predicts. The result has the batch of the input's sample, and each image of it depends on its own alone.
  ///
  /// - Throws: What `progress` throws, without side effects, and ``DiffusionError`` for an input that does not fit.
  func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float>

  /// Predicts once more, to find the first layer whose output is not finite; nil if none is, or the model has no
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
  /// The object: the same model on another device, with other threads or with other weights is another.
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
