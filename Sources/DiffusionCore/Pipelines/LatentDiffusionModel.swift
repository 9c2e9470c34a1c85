import TensorKernels

/// The networks of unconditional latent diffusion (`diffusers.LDMPipeline`): a UNet that predicts in latents, and the
/// autoencoder between latents and images. Both are on one device.
public final class LatentDiffusionModel: Sendable {
  /// The network that predicts.
  public let unet: UNet2DModel
  /// Encodes images as latents, and decodes latents.
  public let vqvae: VQModel
  private let samples: LatentSamples

  /// Creates a model from its networks, which must be on one device, with the same threads and weights.
  ///
  /// - Parameters:
  ///   - unet: The network that predicts.
  ///   - vqvae: The autoencoder.
  /// - Throws: ``DiffusionError`` (`badData`) for networks that do not fit each other.
  public init(unet: UNet2DModel, vqvae: VQModel) throws {
    let channels = vqvae.config.codeChannels
    guard unet.config.inChannels == channels, unet.config.outChannels == channels else {
      throw DiffusionError(
        .badData,
        "the unet takes \(unet.config.inChannels) channels and gives \(unet.config.outChannels), the vqvae's latents "
          + "have \(channels): expected the same number; do they belong together?")
    }
    (self.unet, self.vqvae, samples) = (unet, vqvae, LatentSamples(vqvae))
  }

  /// Opens the components of a folder.
  ///
  /// - Parameters:
  ///   - source: The folder.
  ///   - settings: The device, the threads and the weights.
  ///   - progress: Called before each tensor is read; may throw to stop.
  convenience init(_ source: ModelSource, _ settings: RunSettings, progress: OpeningProgressHandler?) throws {
    // Configurations first: what is not supported is said soon.
    let unet = try source.config(of: "unet"), vqvae = try source.config(of: "vqvae")
    let unetConfig = try UNet2DModelConfig(json: unet.read(), file: unet.path)
    let vqConfig = try VQModelConfig(json: vqvae.read(), file: vqvae.path)
    let (device, threads, weights) = (settings.device, settings.threads, settings.weights)
    // All weights are checked before any is laid out for the device.
    let vqParameters = try VQModel.checked(source.parameters(of: "vqvae"), vqConfig, progress: progress)
    let unetParameters = try UNet2DModel.checked(source.parameters(of: "unet"), unetConfig, progress: progress)
    let autoencoder = try VQModel(
      config: vqConfig, parameters: vqParameters, device: device, threads: threads, weights: weights,
      progress: progress)
    try self.init(
      unet: UNet2DModel(
        config: unetConfig, parameters: unetParameters, device: device, threads: threads, weights: weights,
        progress: progress),
      vqvae: autoencoder)
  }
}

extension LatentDiffusionModel: PipelineModel {
  /// The device that it computes on.
  public var device: Device { unet.device }
  /// The number of threads that it computes with.
  public var threads: Int { unet.threads }
  /// The precision that its weights were rounded to.
  public var weights: WeightPrecision { unet.weights }
  package var fileNotes: [String] { unet.fileNotes + vqvae.fileNotes }
  package var className: String { unet.className }
  package var format: any SampleFormat { samples }
  package var identity: ObjectIdentifier? { ObjectIdentifier(self) }

  package func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    try unet(input, progress: progress)
  }

  package func observe(
    _ input: ModelInput, observer: @escaping LayerObserver, progress: ForwardProgressHandler?
  ) throws {
    _ = try unet.predict(input, observer: observer, progress: progress)
  }

  package func on(_ settings: RunSettings, progress: OpeningProgressHandler?) throws -> LatentDiffusionModel {
    guard !suits(settings) else { return self }
    return try LatentDiffusionModel(
      unet: unet.on(settings, progress: progress),
      vqvae: vqvae.on(settings.device, threads: settings.threads, weights: settings.weights, progress: progress))
  }

  package func resolved(_ settings: RunSettings) throws -> RunSettings { try unet.resolved(settings) }

  package func conditioning(of settings: RunSettings) throws -> RunConditioning {
    try unet.conditioning(of: settings)
  }

  package func sampleShape(of settings: RunSettings) throws -> [Int] {
    let shape = try unet.sampleShape(of: settings.ofOwnSize),
      (height, width) = (shape[1] * samples.scale, shape[2] * samples.scale)
    guard settings.height ?? height == height, settings.width ?? width == width else {
      throw DiffusionError(
        .usage,
        "width and height are \(settings.width ?? width)x\(settings.height ?? height): the model is unconditional and "
          + "makes images of \(width)x\(height)")
    }
    return shape
  }

  package func memory(of settings: RunSettings, keptSteps: Int) throws -> Int {
    let sample = try sampleShape(of: settings)
    // Images are decoded one at a time, when the run's own passes are over; buffers of those wait for the next one.
    let image = [1, 0, Int.product(sample[1], samples.scale), Int.product(sample[2], samples.scale)]
    return .sum(of: [
      MemoryEstimate.run(unet.config, shape: [settings.batchSize] + sample, keptSteps: keptSteps),
      MemoryEstimate.pass(blockOutChannels: vqvae.config.blockOutChannels, images: image),
    ])
  }

  package func networks(of settings: RunSettings) throws -> [PipelineNetwork] {
    let shape = try sampleShape(of: settings)
    let decoder = PipelineNetwork(
      component: "vqvae", className: "VQModel", configuration: vqvae.config,
      description: try vqvae.describe(height: shape[1] * samples.scale, width: shape[2] * samples.scale))
    return try unet.networks(of: settings.ofOwnSize) + [decoder]
  }

  package func exampleInput(of settings: RunSettings) throws -> ModelInput {
    _ = try sampleShape(of: settings)
    return try unet.exampleInput(of: settings.ofOwnSize)
  }

  package func predict(
    _ input: ModelInput, profiler: LayerProfiler, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    try unet.predict(input, profiler: profiler, progress: progress)
  }
}

extension RunSettings {
  /// These settings without a height and width, which are of pixels: the network's own are of latents.
  fileprivate var ofOwnSize: RunSettings {
    var own = self
    (own.height, own.width) = (nil, nil)
    return own
  }
}
