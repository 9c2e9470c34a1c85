/// The input of a model: a sample at a timestep, and its conditioning.
public struct ModelInput: Sendable, Equatable {
  /// The conditioning of a prediction, for each image of the batch; a model refuses kinds that it does not support.
  public struct Conditioning: Sendable, Equatable {
    /// The class of each image.
    public var classLabels: [Int]?
    /// The class embedding of each image, `[batch, features]`, in the place of labels for models that take features.
    public var classEmbeddings: Tensor<Float>?
    /// Each prompt's embeddings, `[batch, tokens, features]`.
    public var encoderHiddenStates: Tensor<Float>?
    /// What is added to the timestep's sines and cosines after a projection, `[batch, features]`: the embedding of the
    /// guidance scale of a latent consistency model (`timestep_cond`).
    public var timestepConditioning: Tensor<Float>?
    /// Which tokens of ``encoderHiddenStates`` count, `[batch, tokens]`: 0 takes one out; nil for all of them.
    public var encoderAttentionMask: Tensor<Float>?
    /// The embedding of each prompt as a whole, `[batch, features]` (`text_embeds`).
    public var textEmbeds: Tensor<Float>?
    /// The sizes, crops and scores that Stable Diffusion XL is told of each image, `[batch, numbers]` (`time_ids`).
    public var timeIDs: Tensor<Float>?
    /// Channels that follow those of the sample, `[batch, channels, height, width]`: the picture that a network for
    /// super-resolution makes larger.
    public var image: Tensor<Float>?

    /// Creates a conditioning; none by default.
    public init(
      classLabels: [Int]? = nil, classEmbeddings: Tensor<Float>? = nil, encoderHiddenStates: Tensor<Float>? = nil,
      timestepConditioning: Tensor<Float>? = nil, encoderAttentionMask: Tensor<Float>? = nil,
      textEmbeds: Tensor<Float>? = nil, image: Tensor<Float>? = nil, timeIDs: Tensor<Float>? = nil
    ) {
      (self.classLabels, self.classEmbeddings) = (classLabels, classEmbeddings)
      (self.encoderHiddenStates, self.timestepConditioning) = (encoderHiddenStates, timestepConditioning)
      (self.encoderAttentionMask, self.textEmbeds, self.image) = (encoderAttentionMask, textEmbeds, image)
      self.timeIDs = timeIDs
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

extension ModelInput.Conditioning {
  /// The tensors that have a row for each image.
  fileprivate static var tensors: [WritableKeyPath<Self, Tensor<Float>?>] {
    [
      \.classEmbeddings, \.encoderHiddenStates, \.timestepConditioning, \.encoderAttentionMask, \.textEmbeds,
      \.image, \.timeIDs,
    ]
  }
}

extension ModelInput {
  /// One input with the images of several, which have the same timestep, the same shape except for the batch, and the
  /// same kinds of conditioning; nil if there are none.
  package static func joined(_ inputs: [ModelInput]) -> ModelInput? {
    guard var all = inputs.first, inputs.count > 1 else { return inputs.first }
    all.sample = .concatenated(inputs.map(\.sample))
    if all.conditioning.classLabels != nil {
      all.conditioning.classLabels = inputs.flatMap { $0.conditioning.classLabels ?? [] }
    }
    for tensor in Conditioning.tensors where all.conditioning[keyPath: tensor] != nil {
      all.conditioning[keyPath: tensor] = .concatenated(inputs.compactMap { $0.conditioning[keyPath: tensor] })
    }
    return all
  }

  /// The input of the first image alone.
  package var firstImage: ModelInput { images([0]) }

  /// The input of some images, by their places in the batch.
  func images(_ indices: [Int]) -> ModelInput {
    var part = self
    part.sample = sample.rows(indices)
    part.conditioning.classLabels = conditioning.classLabels.map { labels in
      indices.filter(labels.indices.contains).map { labels[$0] }
    }
    for tensor in Conditioning.tensors {
      part.conditioning[keyPath: tensor] = conditioning[keyPath: tensor]?.rows(indices)
    }
    return part
  }

  /// The properties that inputs must share to form one batch.
  package struct BatchKey: Hashable {
    private let timestep: Float
    private let shapes: [[Int]?]

    package init(_ input: ModelInput) {
      timestep = input.timestep
      let conditioning = input.conditioning
      shapes =
        [Array(input.sample.shape.dropFirst()), conditioning.classLabels.map { _ in [] }]
        + Conditioning.tensors.map { conditioning[keyPath: $0].map { Array($0.shape.dropFirst()) } }
    }
  }
}

extension Tensor<Float> {
  /// The first image of a batch, `[1, ...]`.
  package var firstImage: Tensor<Float> {
    guard let batch = shape.first, batch > 1 else { return self }
    return Tensor(unchecked: [1] + shape.dropFirst(), Array(scalars.prefix(scalars.count / batch)))
  }

  /// Some of its rows, `[rows.count, ...]`, by their indices.
  func rows(_ indices: [Int]) -> Tensor<Float> {
    let each = shape.dropFirst().reduce(1, *)
    return Tensor(
      unchecked: [indices.count] + shape.dropFirst(), indices.flatMap { scalars[$0 * each..<($0 + 1) * each] })
  }

  /// Concatenates batches, `[batch, ...]`, whose images have the same shape.
  static func concatenated(_ parts: [Tensor<Float>]) -> Tensor<Float> {
    let images = parts.reduce(0) { $0 + ($1.shape.first ?? 0) }
    return Tensor(unchecked: [images] + (parts.first?.shape.dropFirst() ?? []), parts.flatMap(\.scalars))
  }
}
