import TensorKernels

/// A transformer over the patches of latents that predicts the noise in them for a class
/// (`diffusers.DiTTransformer2DModel`, `models/transformers/dit_transformer_2d.py`; Peebles and Xie 2023, arXiv
/// 2212.09748).
///
/// The same input and weights give the same bits on every device, with any number of threads, alone or in a batch.
public final class DiTTransformer2DModel: Network {
  /// The configuration it was built from.
  public let config: DiTTransformer2DModelConfig
  /// Where it computes, and the weights that it was opened with.
  public let opening: NetworkOpening
  /// Lines about its file's tensors: those left out, those rounded from F64.
  package let fileNotes: [String]

  private let patches: PatchEmbedding
  private let blocks: [AdaptiveTransformerBlock]
  private let norm: AdaptiveLayerNorm
  private let modulation: Convolution
  private let output: Convolution

  /// Creates a model from its configuration and its weights, each of which must be present, have the right shape, and
  /// be used.
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
    config: DiTTransformer2DModelConfig, parameters: ParameterStore, device: Device = .cpu, threads: Int,
    weights: WeightPrecision = .float32, progress: OpeningProgressHandler? = nil
  ) throws {
    try config.validate(file: "the configuration")
    let checked = try DiTTransformer2DModel.checked(parameters, config, progress: progress)
    opening = try NetworkOpening(checked, device: device, threads: threads, weights: weights, progress: progress)
    let reader = opening.reader(progress: progress)
    (patches, blocks, norm, modulation, output) = try DiTTransformer2DModel.layers(config, from: reader)
    fileNotes = reader.finish()
    self.config = config
  }

  private static func layers(
    _ config: DiTTransformer2DModelConfig, from reader: ParameterReader
  ) throws -> (
    PatchEmbedding, [AdaptiveTransformerBlock], AdaptiveLayerNorm, modulation: Convolution, output: Convolution
  ) {
    let channels = config.innerDim
    let patches = try PatchEmbedding(
      "pos_embed", inputChannels: config.inChannels, channels: channels, patchSize: config.patchSize,
      side: config.side, from: reader)
    let blocks = try (0..<config.numLayers).map {
      try AdaptiveTransformerBlock("transformer_blocks.\($0)", config.block, from: reader)
    }
    let norm = AdaptiveLayerNorm(
      "norm_out", try LayerNorm(plain: "norm_out.norm", channels: channels, epsilon: 1e-6, from: reader))
    let modulation = try Convolution(linear: ["proj_out_1"], channels, 2 * channels, from: reader)
    let output = try Convolution(
      linear: ["proj_out_2"], channels, config.patchSize * config.patchSize * config.predictedChannels, from: reader)
    return (patches, blocks, norm, modulation, output)
  }

  /// The weights, once all that the network needs was found there, of the right shape and finite: what is not takes no
  /// memory beside the file.
  ///
  /// - Throws: As the initialiser.
  package static func checked(
    _ parameters: ParameterStore, _ config: DiTTransformer2DModelConfig, progress: OpeningProgressHandler?
  ) throws -> ParameterStore {
    try parameters.checked(progress: progress) { try layers(config, from: $0) }
  }

  /// The same network, from the weights as they are in the file.
  public func opened(
    on device: Device, threads: Int, weights: WeightPrecision, progress: OpeningProgressHandler?
  ) throws -> DiTTransformer2DModel {
    try DiTTransformer2DModel(
      config: config, parameters: opening.parameters, device: device, threads: threads, weights: weights,
      progress: progress)
  }

  /// Predicts from a sample, a timestep and the class of each image.
  ///
  /// - Parameters:
  ///   - input: The sample, `[batch, inChannels, side, side]`, where side is a multiple of the patch size; class
  ///     labels from 0 to `numEmbedsAdaNorm`, which stands for no class.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: `[batch, outChannels, side, side]`.
  /// - Throws: ``DiffusionError`` (`usage`) if a part of the input is missing or does not fit, or the timestep is
  ///   beyond 2^20; what `progress` throws.
  public func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler? = nil) throws -> Tensor<Float> {
    try predict(input, progress: progress)
  }

  /// Predicts, with an observer or a profiler of the layers.
  ///
  /// - Parameter kept: The number of channels to return, from the first on; nil for all.
  package func predict(
    _ input: ModelInput, keeping kept: Int? = nil, observer: LayerObserver? = nil, profiler: LayerProfiler? = nil,
    progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    let labels = try validate(input)
    context.backend.begin(use: input.sample.shape)
    var context = context
    (context.observer, context.profiler) = (observer, profiler)
    let sample = try context.naming("pos_embed.proj") { try FeatureMap(input.sample, on: context.backend) }
    let total = blocks.count + 2, inputs = try blocks.map { try $0.input(input.timestep, labels: labels, in: context) }
    try context.begin(ForwardProgress(block: "pos_embed", completed: 0, total: total), progress)
    var hidden = try patches(sample, in: context)
    var first: FeatureMap?
    for (index, block) in blocks.enumerated() {
      try context.begin(ForwardProgress(block: block.name, completed: index + 1, total: total), progress)
      let embedding = try block.embed(inputs[index], in: context)
      first = first ?? embedding
      hidden = try block(hidden, embedding: embedding, in: context)
    }
    try context.begin(ForwardProgress(block: "proj_out", completed: total - 1, total: total), progress)
    if let first {
      let vectors = try modulation(first, in: context), channels = config.innerDim
      hidden = try norm(
        hidden, scale: ChannelRange(vectors, from: channels), shift: ChannelRange(vectors), in: context)
    }
    return try output(hidden, in: context).image(
      patchSize: config.patchSize, keeping: kept ?? config.predictedChannels, on: context.backend)
  }

  /// The class labels of an input, which is checked.
  private func validate(_ input: ModelInput) throws -> [Int] {
    let shape = input.sample.shape, largest = UNet2DModelConfig.largestExtent
    guard shape.count == 4, shape[0] > 0, shape[1] == config.inChannels, shape[2] == shape[3],
      (1...largest).contains(shape[2]), shape[2].isMultiple(of: config.patchSize)
    else {
      throw DiffusionError(
        .usage,
        "a sample of shape \(shape) does not fit the model: expected [batch, \(config.inChannels), side, side], with "
          + "side a multiple of patch_size, \(config.patchSize)")
    }
    try TimestepLabelEmbedding.validate(input.timestep)
    var others = input.conditioning
    others.classLabels = nil
    guard others == ModelInput.Conditioning() else {
      throw DiffusionError(.usage, "the model takes class labels alone: no text and no embeddings")
    }
    guard let labels = input.conditioning.classLabels, labels.count == shape[0] else {
      throw DiffusionError(
        .usage,
        "the model takes a class label for each of \(shape[0]) images: found "
          + "\(input.conditioning.classLabels?.count ?? 0)")
    }
    if let label = labels.first(where: { !(0...config.numEmbedsAdaNorm).contains($0) }) {
      throw DiffusionError(.usage, "class label \(label) is out of range: expected 0 to \(config.numEmbedsAdaNorm)")
    }
    return labels
  }
}

extension DiTTransformer2DModel {
  /// The layers, in the order they run, for one image of the model's size.
  public func describe() -> ModelDescription {
    var description = ModelDescription()
    let side = config.sampleSize
    var shape = patches.describe(
      FeatureShape(channels: config.inChannels, height: side, width: side), in: &description)
    for block in blocks { shape = block.describe(shape, in: &description) }
    let vector = FeatureShape(channels: config.innerDim, height: 1, width: 1)
    _ = modulation.describe(vector, in: &description)
    _ = output.describe(norm.describe(shape, in: &description), in: &description)
    return description
  }

  /// Predicts again, checking the output of each layer, and returns the first that is not finite.
  ///
  /// - Parameters:
  ///   - input: As for ``callAsFunction(_:progress:)``.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: The sample itself if it is not finite; nil if all is finite.
  /// - Throws: As ``callAsFunction(_:progress:)``.
  public func firstNonFiniteLayer(
    _ input: ModelInput, progress: ForwardProgressHandler? = nil
  ) throws -> NonFiniteLayer? {
    try NonFiniteSearch.first(from: input.sample, progress: progress) { observer, progress in
      _ = try predict(input, observer: observer, progress: progress)
    }
  }
}
