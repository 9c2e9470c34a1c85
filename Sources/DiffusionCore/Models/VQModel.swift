import TensorKernels

/// An autoencoder whose latents are vectors of a codebook (`diffusers.VQModel`, `models/autoencoders/vq_model.py`; van
/// den Oord et al. 2017, arXiv 1711.00937).
///
/// Everything is computed in float32, and the same input and weights give the same bits on every device, with any
/// number of threads, alone or in a batch. Latents are not scaled here: pipelines do that.
public final class VQModel: Network {
  /// Latents as a decoder gets them.
  public struct QuantizedLatents: Sendable, Equatable {
    /// The nearest vectors, `[batch, codeChannels, height, width]`. A last bit may differ from the codebook's, as in
    /// Diffusers, which returns x + (y - x).
    public let latents: Tensor<Float>
    /// The vectors' indices, image by image and row by row.
    public let codes: [Int]
  }

  /// The configuration it was built from.
  public let config: VQModelConfig
  /// Where it computes, and the weights that it was opened with.
  public let opening: NetworkOpening
  /// Lines about its file's tensors: those left out, those rounded from F64.
  package let fileNotes: [String]

  private let encoder: [AutoencoderStage]
  private let quantizer: VectorQuantizer
  private let decoder: [AutoencoderStage]

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
    config: VQModelConfig, parameters: ParameterStore, device: Device = .cpu, threads: Int,
    weights: WeightPrecision = .float32, progress: OpeningProgressHandler? = nil
  ) throws {
    try config.validate(file: "the configuration")
    let checked = try VQModel.checked(parameters, config, progress: progress)
    opening = try NetworkOpening(checked, device: device, threads: threads, weights: weights, progress: progress)
    let reader = opening.reader(progress: progress)
    (encoder, quantizer, decoder) = try VQModel.layers(config, from: reader)
    fileNotes = reader.finish()
    self.config = config
  }

  private static func layers(
    _ config: VQModelConfig, from reader: ParameterReader
  ) throws -> (encoder: [AutoencoderStage], VectorQuantizer, decoder: [AutoencoderStage]) {
    let encoder = try config.encoder(from: reader)
    let quantizer = try VectorQuantizer(
      "quantize", count: config.numVqEmbeddings, dimension: config.codeChannels, from: reader)
    return (encoder, quantizer, try config.decoder(from: reader))
  }

  /// The weights, once all that the network needs was found there, of the right shape and finite: what is not takes no
  /// memory beside the file.
  ///
  /// - Throws: As the initialiser.
  package static func checked(
    _ parameters: ParameterStore, _ config: VQModelConfig, progress: OpeningProgressHandler?
  ) throws -> ParameterStore {
    try parameters.checked(progress: progress) { try layers(config, from: $0) }
  }

  /// The same network, from the weights as they are in the file.
  public func opened(
    on device: Device, threads: Int, weights: WeightPrecision, progress: OpeningProgressHandler?
  ) throws -> VQModel {
    try VQModel(
      config: config, parameters: opening.parameters, device: device, threads: threads, weights: weights,
      progress: progress)
  }

  /// Encodes images. The latents are not quantized: decoding does that.
  ///
  /// - Parameters:
  ///   - images: `[batch, inChannels, height, width]`, in [-1, 1]; height and width at least
  ///     ``VQModelConfig/latentScale``.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: Latents, `[batch, codeChannels, height / latentScale, width / latentScale]`, rounded down.
  /// - Throws: ``DiffusionError`` (`usage`) if the images do not fit, `unavailable` if the device is out of memory;
  ///   what `progress` throws.
  public func encode(_ images: Tensor<Float>, progress: ForwardProgressHandler? = nil) throws -> Tensor<Float> {
    try encode(images, observer: nil, progress: progress)
  }

  /// Finds the vectors of the codebook that are nearest to latents, by <doc:NumericsContract>.
  ///
  /// - Parameter latents: `[batch, codeChannels, height, width]`, not scaled.
  /// - Throws: ``DiffusionError`` (`usage`) if the latents do not fit, `unavailable` if the device is out of memory.
  public func quantize(_ latents: Tensor<Float>) throws -> QuantizedLatents {
    try checkLatents(latents.shape)
    let (quantized, codes) = try quantizer(latents, in: context)
    return QuantizedLatents(
      latents: try quantized.tensor(on: context.backend),
      codes: try context.backend.download(codes.buffer).map { Int($0.bitPattern) })
  }

  /// Decodes latents.
  ///
  /// - Parameters:
  ///   - latents: `[batch, codeChannels, height, width]`, not scaled.
  ///   - quantizes: Whether the nearest vectors of the codebook take the latents' place (Diffusers'
  ///     `force_not_quantize` is the opposite).
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: Images, `[batch, outChannels, height * latentScale, width * latentScale]`, around [-1, 1].
  /// - Throws: ``DiffusionError`` (`usage`) if the latents do not fit, or if they are not quantized and the
  ///   configuration has `lookup_from_codebook`: then ``decode(codes:batchSize:height:width:progress:)`` does it;
  ///   `unavailable` if the device is out of memory; what `progress` throws.
  public func decode(
    _ latents: Tensor<Float>, quantizes: Bool = true, progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    try decode(latents, quantizes: quantizes, observer: nil, progress: progress)
  }

  /// Decodes vectors of the codebook (`get_codebook_entry`, which `lookup_from_codebook` asks for).
  ///
  /// - Parameters:
  ///   - codes: Their indices, image by image and row by row, 0 to `numVqEmbeddings` - 1.
  ///   - batchSize: The number of images.
  ///   - height: The latents of a column.
  ///   - width: The latents of a row.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: Images, `[batchSize, outChannels, height * latentScale, width * latentScale]`, around [-1, 1].
  /// - Throws: ``DiffusionError`` (`usage`) if there are not as many codes, or one is out of range; `unavailable` if
  ///   the device is out of memory; what `progress` throws.
  public func decode(
    codes: [Int], batchSize: Int, height: Int, width: Int, progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    let shape = [batchSize, config.codeChannels, height, width]
    try checkLatents(shape)
    guard codes.count == .product(batchSize, height, width) else {
      throw DiffusionError(
        .usage, "\(codes.count) codes: expected \(batchSize) x \(height) x \(width), one for each latent")
    }
    if let code = codes.first(where: { !(0..<config.numVqEmbeddings).contains($0) }) {
      throw DiffusionError(.usage, "code \(code): expected 0 to \(config.numVqEmbeddings - 1)")
    }
    return try run(decoder, quantizer.vectors(codes, shape: shape), observer: nil, progress: progress)
  }

  /// Encodes, with an observer of the layers.
  package func encode(
    _ images: Tensor<Float>, observer: LayerObserver?, progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    try check(images.shape, channels: config.inChannels, sides: config.latentScale...Self.largestSide, of: "images")
    return try run(encoder, images, observer: observer, progress: progress)
  }

  /// Decodes, with an observer of the layers.
  package func decode(
    _ latents: Tensor<Float>, quantizes: Bool = true, observer: LayerObserver?,
    progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    try checkLatents(latents.shape)
    guard quantizes else {
      guard !config.lookupFromCodebook else {
        throw DiffusionError(
          .usage, "the autoencoder has lookup_from_codebook: latents that are not quantized are given as codes")
      }
      return try run(decoder, latents, observer: observer, progress: progress)
    }
    context.backend.beginOnce(use: latents.shape)
    var context = context
    context.observer = observer
    try context.begin(ForwardProgress(block: quantizer.name, completed: 0, total: decoder.count + 1), progress)
    return try decoder(quantizer(latents, in: context).latents, in: context, after: 1, progress: progress)
  }

  private static let largestSide = 1 << 20

  private func checkLatents(_ shape: [Int]) throws {
    try check(shape, channels: config.codeChannels, sides: 1...Self.largestSide / config.latentScale, of: "latents")
  }

  private func check(_ shape: [Int], channels: Int, sides: ClosedRange<Int>, of what: String) throws {
    guard shape.count == 4, shape[0] > 0, shape[1] == channels, shape[2...].allSatisfy(sides.contains) else {
      throw DiffusionError(
        .usage,
        "\(what) of shape \(shape) do not fit the autoencoder: expected [batch, \(channels), height, width], "
          + "height and width \(sides.lowerBound) to \(sides.upperBound)")
    }
  }

  private func run(
    _ stages: [AutoencoderStage], _ input: Tensor<Float>, after earlier: Int = 0, observer: LayerObserver?,
    progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    context.backend.beginOnce(use: input.shape)
    var context = context
    context.observer = observer
    return try stages(input, in: context, after: earlier, progress: progress)
  }
}

extension VQModel {
  /// The layers, in the order they run, for one image of a given size that is encoded and decoded again.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a size that is not possible.
  public func describe(height: Int, width: Int) throws -> ModelDescription {
    try check(
      [1, config.inChannels, height, width], channels: config.inChannels,
      sides: config.latentScale...Self.largestSide, of: "images")
    var description = ModelDescription()
    let image = FeatureShape(channels: config.inChannels, height: height, width: width)
    let latents = encoder.reduce(image) { $1.describe($0, in: &description) }
    _ = decoder.reduce(quantizer.describe(latents, in: &description)) { $1.describe($0, in: &description) }
    return description
  }
}
