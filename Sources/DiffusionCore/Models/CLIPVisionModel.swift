import TensorKernels

/// CLIP's image encoder with its projection (`CLIPVisionModelWithProjection` of transformers): an image becomes an
/// embedding beside those of texts.
///
/// The same image and weights give the same bits on every device, with any number of threads, alone or in a batch.
public final class CLIPVisionModel: Network {
  /// The configuration it was built from.
  public let config: CLIPVisionConfig
  /// Where it computes, and the weights that it was opened with.
  public let opening: NetworkOpening
  /// Lines about its file's tensors: those left out, those rounded from F64.
  package let fileNotes: [String]

  private let layers: Layers

  private struct Layers {
    /// One row, and one for each token.
    let classEmbedding, positions: ParameterRows
    let patches: Convolution
    let normBefore, normBehind: LayerNorm
    let encoder: [CLIPEncoderLayer]
    let projection: Convolution

    init(_ config: CLIPVisionConfig, from reader: ParameterReader) throws {
      reader.ignore("embeddings.position_ids")
      let channels = config.hiddenSize, epsilon = config.layerNormEps
      classEmbedding = try ParameterRows("embeddings.class_embedding", [channels], from: reader)
      positions = try ParameterRows(
        "embeddings.position_embedding.weight", [config.tokens, channels], from: reader)
      patches = try Convolution(
        "embeddings.patch_embedding", config.numChannels, channels, kernel: config.patchSize,
        stride: config.patchSize, padding: 0, hasBias: false, from: reader)
      normBefore = try LayerNorm("pre_layrnorm", channels: channels, epsilon: epsilon, from: reader)
      encoder = try (0..<config.numHiddenLayers).map { try CLIPEncoderLayer($0, config.layer, from: reader) }
      normBehind = try LayerNorm("post_layernorm", channels: channels, epsilon: epsilon, from: reader)
      projection = try Convolution(
        linear: ["visual_projection"], channels, config.projectionDim, hasBias: false, from: reader)
    }
  }

  /// The names of what it computes itself, in reports.
  private enum Name {
    static let tokens = "embeddings"
    static let pooled = "pooler"
  }

  /// Creates a model from its configuration and its weights, each of which must be present, have the right shape, and
  /// be used. Their names may begin with `vision_model.`; `position_ids`, which old checkpoints hold, is ignored.
  ///
  /// - Parameters:
  ///   - config: The configuration.
  ///   - parameters: The weights.
  ///   - device: The device to compute on.
  ///   - threads: The number of threads, 1 to 1024.
  ///   - weights: The precision that the weights are rounded to.
  ///   - progress: Called before each tensor is read; may throw to stop.
  /// - Throws: ``DiffusionError``: `badData` for a configuration that contradicts itself or weights that do not fit it,
  ///   `usage` or `unavailable` for a number of threads that is not possible; what `progress` throws.
  public init(
    config: CLIPVisionConfig, parameters: ParameterStore, device: Device = .cpu, threads: Int,
    weights: WeightPrecision = .float32, progress: OpeningProgressHandler? = nil
  ) throws {
    try config.validate(file: "the configuration")
    let checked = try CLIPVisionModel.checked(parameters, config, progress: progress)
    opening = try NetworkOpening(checked, device: device, threads: threads, weights: weights, progress: progress)
    let reader = opening.reader(progress: progress)
    layers = try Layers(config, from: reader)
    fileNotes = reader.finish()
    self.config = config
  }

  /// The weights, once all that the network needs was found there, of the right shape and finite: what is not takes no
  /// memory beside the file.
  ///
  /// - Throws: As the initialiser.
  package static func checked(
    _ parameters: ParameterStore, _ config: CLIPVisionConfig, progress: OpeningProgressHandler?
  ) throws -> ParameterStore {
    try named(parameters).checked(progress: progress) { try Layers(config, from: $0) }
  }

  /// The weights by their names without `vision_model.`.
  private static func named(_ parameters: ParameterStore) throws -> ParameterStore {
    let prefix = "vision_model."
    return try parameters.renaming { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
  }

  /// The same network, from the weights as they are in the file.
  public func opened(
    on device: Device, threads: Int, weights: WeightPrecision, progress: OpeningProgressHandler?
  ) throws -> CLIPVisionModel {
    try CLIPVisionModel(
      config: config, parameters: opening.parameters, device: device, threads: threads, weights: weights,
      progress: progress)
  }

  /// Encodes images.
  ///
  /// - Parameters:
  ///   - images: `[batch, numChannels, imageSize, imageSize]`, as a ``CLIPImageProcessor`` makes them.
  ///   - progress: Called before each layer runs; an error it throws stops the pass there.
  /// - Returns: `[batch, projectionDim]`.
  /// - Throws: ``DiffusionError`` (`usage`) for images of another shape, or what `progress` throws.
  public func callAsFunction(
    _ images: Tensor<Float>, progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    try encode(images, progress: progress)
  }

  /// Encodes images, with an observer of the layers.
  package func encode(
    _ images: Tensor<Float>, observer: LayerObserver? = nil, progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    let batch = images.shape.first ?? 0
    guard batch > 0, images.shape == [batch, config.numChannels, config.imageSize, config.imageSize] else {
      throw DiffusionError(
        .usage,
        "images of shape \(images.shape): expected [batch, \(config.numChannels), \(config.imageSize), "
          + "\(config.imageSize)]")
    }
    context.backend.begin(use: images.shape)
    var context = context
    context.observer = observer
    var hidden = try layers.normBefore(tokens(of: images, in: context), in: context)
    for (index, layer) in layers.encoder.enumerated() {
      try context.begin(
        ForwardProgress(block: layer.name, completed: index, total: layers.encoder.count), progress)
      hidden = try layer(hidden, in: context)
    }
    let first = try hidden.pixel(0, of: Name.pooled, in: context)
    let embeddings = try layers.projection(layers.normBehind(first, in: context), in: context)
    return Tensor(unchecked: [batch, embeddings.channels], try context.backend.download(embeddings.buffer))
  }

  /// The token of the whole image, then those of its patches, each with its position.
  private func tokens(of images: Tensor<Float>, in context: ComputeContext) throws -> FeatureMap {
    let map = try layers.patches(
      context.naming("pixel_values") { try FeatureMap(whole(images), on: context.backend) }, in: context)
    func rows(_ parameter: ParameterRows, _ places: [Int]) throws -> FeatureMap {
      try parameter(Array(repeating: places, count: images.shape[0]), of: Name.tokens, in: context)
    }
    return try FeatureMap.sequence(
      [rows(layers.classEmbedding, [0]), map], adding: rows(layers.positions, Array(0..<config.tokens)),
      of: Name.tokens, in: context)
  }

  /// The images without the pixels to the right and below that make no whole patch.
  private func whole(_ images: Tensor<Float>) -> Tensor<Float> {
    let side = config.imageSize, kept = config.side * config.patchSize
    guard kept < side else { return images }
    let rows = images.shape[0] * images.shape[1] * side
    let scalars = (0..<rows).filter { $0 % side < kept }.flatMap { images.scalars[$0 * side..<$0 * side + kept] }
    return Tensor(unchecked: [images.shape[0], images.shape[1], kept, kept], scalars)
  }
}

extension CLIPVisionModel {
  /// The layers, in the order they run, for one image.
  public func describe() -> ModelDescription {
    var description = ModelDescription()
    let image = FeatureShape(channels: config.numChannels, height: config.imageSize, width: config.imageSize)
    _ = layers.patches.describe(image, in: &description)
    let shape = FeatureShape(channels: config.hiddenSize, height: 1, width: config.tokens)
    description.add(
      Name.tokens, kind: "Embedding", shape, parameters: layers.classEmbedding.count + layers.positions.count,
      flops: shape.count)
    _ = layers.normBefore.describe(shape, in: &description)
    for layer in layers.encoder { _ = layer.describe(shape, in: &description) }
    let token = FeatureShape(channels: config.hiddenSize, height: 1, width: 1)
    _ = layers.projection.describe(layers.normBehind.describe(token, in: &description), in: &description)
    return description
  }
}
