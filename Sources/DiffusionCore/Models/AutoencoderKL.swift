import TensorKernels

/// A variational autoencoder: images to latents, and back (`diffusers.AutoencoderKL`,
/// `models/autoencoders/autoencoder_kl.py`).
///
/// Everything is computed in float32, and the same input and weights give the same bits on every device, with any
/// number of threads, alone or in a batch. Latents are neither scaled nor shifted here: pipelines do that.
public final class AutoencoderKL: Network {
  /// The configuration it was built from.
  public let config: AutoencoderKLConfig
  /// Where it computes, and the weights that it was opened with.
  public let opening: NetworkOpening
  /// Lines about its file's tensors: those left out, those rounded from F64.
  package let fileNotes: [String]

  private let encoder: [AutoencoderStage]
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
    config: AutoencoderKLConfig, parameters: ParameterStore, device: Device = .cpu, threads: Int,
    weights: WeightPrecision = .float32, progress: OpeningProgressHandler? = nil
  ) throws {
    try config.validate(file: "the configuration")
    let checked = try AutoencoderKL.checked(parameters, config, progress: progress)
    opening = try NetworkOpening(checked, device: device, threads: threads, weights: weights, progress: progress)
    let reader = opening.reader(progress: progress)
    (encoder, decoder) = try AutoencoderKL.layers(config, from: reader)
    fileNotes = reader.finish()
    self.config = config
  }

  private static func layers(
    _ config: AutoencoderKLConfig, from reader: ParameterReader
  ) throws -> (encoder: [AutoencoderStage], decoder: [AutoencoderStage]) {
    (try config.encoder(from: reader), try config.decoder(from: reader))
  }

  /// The weights, once all that the network needs was found there, of the right shape and finite: what is not takes no
  /// memory beside the file.
  ///
  /// - Throws: As the initialiser.
  package static func checked(
    _ parameters: ParameterStore, _ config: AutoencoderKLConfig, progress: OpeningProgressHandler?
  ) throws -> ParameterStore {
    try parameters.checked(progress: progress) { try layers(config, from: $0) }
  }

  /// The same network, from the weights as they are in the file.
  public func opened(
    on device: Device, threads: Int, weights: WeightPrecision, progress: OpeningProgressHandler?
  ) throws -> AutoencoderKL {
    try AutoencoderKL(
      config: config, parameters: opening.parameters, device: device, threads: threads, weights: weights,
      progress: progress)
  }

  /// Encodes images.
  ///
  /// - Parameters:
  ///   - images: `[batch, inChannels, height, width]`, in [-1, 1]; height and width at least
  ///     ``AutoencoderKLConfig/latentScale``.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: The distribution of the latents, `[batch, latentChannels, height / latentScale, width / latentScale]`,
  ///   rounded down.
  /// - Throws: ``DiffusionError`` (`usage`) if the images do not fit, `unavailable` if the device is out of memory;
  ///   what `progress` throws.
  public func encode(_ images: Tensor<Float>, progress: ForwardProgressHandler? = nil) throws -> DiagonalGaussian {
    try encode(images, observer: nil, progress: progress)
  }

  /// Decodes latents.
  ///
  /// - Parameters:
  ///   - latents: `[batch, latentChannels, height, width]`, neither scaled nor shifted.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: Images, `[batch, outChannels, height * latentScale, width * latentScale]`, around [-1, 1].
  /// - Throws: ``DiffusionError`` (`usage`) if the latents do not fit, `unavailable` if the device is out of memory;
  ///   what `progress` throws.
  public func decode(_ latents: Tensor<Float>, progress: ForwardProgressHandler? = nil) throws -> Tensor<Float> {
    try decode(latents, observer: nil, progress: progress)
  }

  /// Encodes, with an observer or a profiler of the layers.
  package func encode(
    _ images: Tensor<Float>, observer: LayerObserver?, profiler: LayerProfiler? = nil,
    progress: ForwardProgressHandler? = nil
  ) throws -> DiagonalGaussian {
    try check(images.shape, channels: config.inChannels, sides: config.latentScale...Self.largestSide, of: "images")
    return DiagonalGaussian(
      moments: try run(encoder, images, observer: observer, profiler: profiler, progress: progress))
  }

  /// Decodes, with an observer or a profiler of the layers.
  package func decode(
    _ latents: Tensor<Float>, observer: LayerObserver?, profiler: LayerProfiler? = nil,
    progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    try check(
      latents.shape, channels: config.latentChannels, sides: 1...Self.largestSide / config.latentScale, of: "latents")
    return try run(decoder, latents, observer: observer, profiler: profiler, progress: progress)
  }

  private static let largestSide = 1 << 20

  private func check(_ shape: [Int], channels: Int, sides: ClosedRange<Int>, of what: String) throws {
    guard shape.count == 4, shape[0] > 0, shape[1] == channels, shape[2...].allSatisfy(sides.contains) else {
      throw DiffusionError(
        .usage,
        "\(what) of shape \(shape) do not fit the autoencoder: expected [batch, \(channels), height, width], "
          + "height and width \(sides.lowerBound) to \(sides.upperBound)")
    }
  }

  private func run(
    _ stages: [AutoencoderStage], _ input: Tensor<Float>, observer: LayerObserver?, profiler: LayerProfiler?,
    progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    context.backend.beginOnce(use: input.shape)
    var context = context
    (context.observer, context.profiler) = (observer, profiler)
    return try stages(input, in: context, progress: progress)
  }
}

extension AutoencoderKL {
  /// The layers, in the order they run, for one image of a given size that is encoded and decoded again.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a size that is not possible.
  public func describe(height: Int, width: Int) throws -> ModelDescription {
    try check(
      [1, config.inChannels, height, width], channels: config.inChannels,
      sides: config.latentScale...Self.largestSide, of: "images")
    var description = ModelDescription()
    let image = FeatureShape(channels: config.inChannels, height: height, width: width)
    var latents = encoder.reduce(image) { $1.describe($0, in: &description) }
    latents.channels = config.latentChannels
    _ = decoder.reduce(latents) { $1.describe($0, in: &description) }
    return description
  }
}

/// Independent normal distributions, one for each latent (`diffusers.DiagonalGaussianDistribution`).
public struct DiagonalGaussian: Sendable, Equatable {
  /// The means, `[batch, channels, height, width]`.
  public let mean: Tensor<Float>
  /// The logarithms of the variances, limited to -30 ... 20.
  public let logVariance: Tensor<Float>

  /// Takes the halves of an encoder's output, `[batch, 2 * channels, height, width]`: the means, then the logarithms.
  package init(moments: Tensor<Float>) {
    mean = Self.half(0, of: moments)
    // A NaN fails both comparisons and stays.
    logVariance = Self.half(1, of: moments).map { $0 < -30 ? -30 : $0 > 20 ? 20 : $0 }
  }

  private static func half(_ index: Int, of moments: Tensor<Float>) -> Tensor<Float> {
    let shape = [moments.shape[0], moments.shape[1] / 2, moments.shape[2], moments.shape[3]]
    let count = shape[1] * shape[2] * shape[3]
    let scalars = (0..<shape[0]).flatMap { image -> ArraySlice<Float> in
      let start = (2 * image + index) * count
      return moments.scalars[start..<start + count]
    }
    return Tensor(unchecked: shape, scalars)
  }

  /// The standard deviations, exp(logVariance / 2).
  public var standardDeviation: Tensor<Float> { logVariance.map { ScalarMath.exp(0.5 * $0) } }

  /// The latents that are most likely: the means.
  public var mode: Tensor<Float> { mean }

  /// The latents for standard normal noise of the means' shape: mean + standard deviation * noise.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for noise of another shape.
  public func sample(noise: Tensor<Float>) throws -> Tensor<Float> {
    guard noise.shape == mean.shape else {
      throw DiffusionError(.usage, "noise of shape \(noise.shape) does not fit latents of shape \(mean.shape)")
    }
    let deviations = standardDeviation.scalars
    return Tensor(
      unchecked: mean.shape,
      mean.scalars.indices.map { mean.scalars[$0] + deviations[$0] * noise.scalars[$0] })
  }
}
