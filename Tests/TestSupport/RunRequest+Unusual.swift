import DiffusionCore

extension RunRequest {
  /// A run in which every setting differs from its default.
  public static let unusual = RunRequest(
    model: ModelReference("owner/name"),
    settings: RunSettings(
      seeds: [-1], batchSize: 3, steps: 7, eta: 0.1, device: .cpuReference, generatorDevice: .cuda,
      gpuModel: GPUModel.named("l4"), threads: 3, useClippedModelOutput: true,
      variation: NoiseVariation(seed: 18_446_744_073_709_551_61, strength: 0.3), weights: .bfloat16,
      selection: NoiseSelection(call: 2, image: 3), scheduler: "euler",
      schedulerOptions: [
        "beta_start": .number(0.25), "steps_offset": .integer(1), "trained_betas": .list([.number(0.5), .integer(1)]),
      ], initImage: PictureReference("pictures/cat.png"), strength: 0.3,
      branches: [RunBranch(step: 1, changes: ["eta": .integer(1)])], prompts: ["pizza[x=1]"],
      negativePrompt: "blue,green", guidanceScale: 3.5, guidanceRescale: 0.25, height: 96, width: 128,
      promptBlend: PromptBlend(prompt: "heart,[x]", strength: 0.75), classLabels: [.name("fish")], invert: true,
      priorSteps: 9, superResSteps: 4, priorGuidanceScale: 2.5, sizes: .unusual,
      refiner: ModelReference("owner/refiner"),
      denoisingEnd: 0.7))

  /// A run with all defaults, on one thread.
  public static let plain = RunRequest(settings: RunSettings(threads: 1))

  /// A run with all defaults but for what a setting needs beside it: the choice of an image needs a batch of 3, and a
  /// strength or an inversion a picture.
  public static func plain(for setting: Setting) -> RunRequest {
    var request = plain
    request.settings.batchSize = 3
    if setting == .strength || setting == .invert { request.settings.initImage = .demo }
    if setting == .denoisingEnd { request.settings.refiner = .promptDemo }
    return request
  }
}

extension SizeConditioning {
  /// Sizes, each of which differs from its default.
  public static let unusual = {
    var sizes = SizeConditioning()
    (sizes.original, sizes.crops, sizes.target) = (Pair(640, 480), Pair(12, 30), Pair(768, 512))
    (sizes.negativeOriginal, sizes.negativeCrops, sizes.negativeTarget) = (Pair(64, 80), Pair(5, 7), Pair(100, 50))
    (sizes.aestheticScore, sizes.negativeAestheticScore) = (7.5, 1.5)
    return sizes
  }()
}
