import TensorKernels

/// A UNet that predicts in latents, and their autoencoder: what the pipelines of Stable Diffusion have in common.
struct LatentUNet: Sendable {
  /// The network that predicts.
  let unet: UNet2DConditionModel
  /// Encodes images as latents, and decodes latents.
  let vae: AutoencoderKL
  /// What its samples are.
  let samples: LatentSamples
  /// The height and width of the latents of a UNet that names none.
  private let usualSide: Int

  /// Joins both networks, which must be on one device.
  ///
  /// - Parameters:
  ///   - standardizes: Whether the means and deviations of the autoencoder's configuration count.
  ///   - usualSide: The height and width of the latents of a UNet that names none.
  /// - Throws: ``DiffusionError`` (`badData`) for networks that do not fit each other.
  init(
    _ unet: UNet2DConditionModel, _ vae: AutoencoderKL, standardizes: Bool = false, usualSide: Int
  ) throws {
    guard unet.config.inChannels == vae.config.latentChannels,
      unet.config.outChannels == vae.config.latentChannels
    else {
      throw DiffusionError(
        .badData,
        "the unet takes \(unet.config.inChannels) channels and gives \(unet.config.outChannels), the vae has "
          + "\(vae.config.latentChannels): expected the same number; do they belong together?")
    }
    (self.unet, self.vae, self.usualSide) = (unet, vae, usualSide)
    if standardizes, let std = vae.config.latentsStd, let mean = vae.config.latentsMean {
      samples = LatentSamples(vae, standard: (std, mean))
    } else {
      samples = LatentSamples(vae)
    }
  }

  /// The configurations and the weights of both, as they are in a folder.
  struct Files {
    let config: UNet2DConditionModelConfig
    let vaeConfig: AutoencoderKLConfig
    /// The weights, checked.
    let parameters, vaeParameters: ParameterStore

    /// Checks the weights, those of the smaller network first: what is not supported is said soon.
    init(
      _ config: UNet2DConditionModelConfig, _ vaeConfig: AutoencoderKLConfig, from source: ModelSource,
      progress: OpeningProgressHandler?
    ) throws {
      (self.config, self.vaeConfig) = (config, vaeConfig)
      vaeParameters = try AutoencoderKL.checked(source.parameters(of: "vae"), vaeConfig, progress: progress)
      parameters = try UNet2DConditionModel.checked(source.parameters(of: "unet"), config, progress: progress)
    }
  }

  /// Opens both from a folder.
  init(
    _ files: Files, _ settings: RunSettings, standardizes: Bool = false, usualSide: Int,
    progress: OpeningProgressHandler?
  ) throws {
    let (device, threads, weights) = (settings.device, settings.threads, settings.weights)
    let vae = try AutoencoderKL(
      config: files.vaeConfig, parameters: files.vaeParameters, device: device, threads: threads, weights: weights,
      progress: progress)
    let unet = try UNet2DConditionModel(
      config: files.config, parameters: files.parameters, device: device, threads: threads, weights: weights,
      progress: progress)
    try self.init(unet, vae, standardizes: standardizes, usualSide: usualSide)
  }

  /// The height and width of the latents that the UNet was trained on.
  var exampleSize: (height: Int, width: Int) {
    (unet.config.sampleHeight ?? usualSide, unet.config.sampleWidth ?? usualSide)
  }

  /// The height and width of the images of a run.
  func imageSize(of settings: RunSettings) -> (height: Int, width: Int) {
    let own = exampleSize
    return (
      settings.height ?? own.height * samples.scale, settings.width ?? own.width * samples.scale
    )
  }

  /// The shape of the samples of one image; see `PipelineModel`.
  func sampleShape(of settings: RunSettings) throws -> [Int] {
    let scale = samples.scale
    let (height, width) = imageSize(of: settings)
    guard height.isMultiple(of: scale), width.isMultiple(of: scale) else {
      throw DiffusionError(
        .usage,
        "width and height are \(width)x\(height): expected multiples of \(scale), the pixels of a latent"
      )
    }
    do {
      try unet.config.validate(height: height / scale, width: width / scale)
    } catch let error as DiffusionError {
      throw DiffusionError(
        error.kind,
        "width and height are \(width)x\(height), latents of \(width / scale)x\(height / scale): \(error.message)"
      )
    }
    return [unet.config.inChannels, height / scale, width / scale]
  }

  /// The memory of a run beside the model; see `PipelineModel`.
  ///
  /// - Parameter passes: The predictions of a step for each image: 2 with guidance.
  func memory(of settings: RunSettings, passes: Int, keptSteps: Int) throws -> Int {
    let sample = try sampleShape(of: settings)
    let images = settings.selection.image == nil ? settings.batchSize : 1
    let pass = MemoryEstimate.run(
      unet.config, shape: [images * passes] + sample, keptSteps: keptSteps)
    // Images are decoded one at a time, when the run's own passes are over; buffers of those wait for the next one.
    let image = [
      1, 0, Int.product(sample[1], samples.scale), Int.product(sample[2], samples.scale),
    ]
    return .sum(of: [pass, MemoryEstimate.pass(vae.config, images: image)])
  }

  /// The UNet and the autoencoder, as reports show them.
  ///
  /// - Parameters:
  ///   - settings: Their height and width count.
  ///   - tokens: The tokens of a prompt.
  func networks(of settings: RunSettings, tokens: Int) throws -> (unet: PipelineNetwork, vae: PipelineNetwork) {
    let shape = try sampleShape(of: settings), (height, width) = (shape[1], shape[2])
    return (
      PipelineNetwork(
        component: "unet", className: "UNet2DConditionModel", configuration: unet.config,
        description: try unet.describe(height: height, width: width, tokens: tokens)),
      PipelineNetwork(
        component: "vae", className: "AutoencoderKL", configuration: vae.config,
        description: try vae.describe(height: height * samples.scale, width: width * samples.scale))
    )
  }

  /// Noise for measurements.
  ///
  /// - Parameter settings: The number of images, the height and the width count.
  func exampleSample(of settings: RunSettings) throws -> Tensor<Float> {
    try Generator(device: .cpu).manualSeed(0).randn([settings.batchSize] + sampleShape(of: settings))
  }

  /// The scale of a run that takes two predictions; nil for one.
  func guidance(_ scale: Double) -> Double? {
    scale > 1 && unet.config.timeCondProjDim == nil ? scale : nil
  }

  /// The features that tell a latent consistency model how far to guide, for each image; nil for other models.
  func timestepConditioning(_ scale: Double, images: Int) -> Tensor<Float>? {
    unet.config.timeCondProjDim.map { width in
      let row = Self.embedding(ofGuidance: scale, width: width)
      return Tensor(unchecked: [images, width], (0..<images).flatMap { _ in row })
    }
  }

  /// The features that tell a latent consistency model how far to guide (`get_guidance_scale_embedding`), in the order
  /// of operations of <doc:NumericsContract>.
  static func embedding(ofGuidance scale: Double, width: Int) -> [Float] {
    let half = width / 2
    let weight = Float(scale - 1) * 1000
    let step = Float(DoubleMath.log(10_000)) / Float(half - 1)
    let angles = (0..<half).map { weight * Float(DoubleMath.exp(Double(Float($0) * -step))) }
    return angles.map { Float(DoubleMath.sin(Double($0))) }
      + angles.map { Float(DoubleMath.cos(Double($0))) }
      + Array(repeating: 0, count: width % 2)
  }
}

extension RunSettings {
  /// The settings of a pipeline of prompts: without classes, and with its usual guidance scale where none is given.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for classes, and for a blend without a prompt.
  func resolvingPrompts(usualGuidanceScale: Double) throws -> RunSettings {
    if promptBlend != nil, prompts.isEmpty {
      throw DiffusionError(
        SettingFault(
          Setting.promptBlend.name,
          refusal: "there is no prompt to blend with: give one with --prompt, or as prompt"))
    }
    var settings = try resolving(nil)
    settings.guidanceScale = settings.guidanceScale ?? usualGuidanceScale
    return settings
  }
}
