/// The table of settings.
extension Setting {
  /// Every setting, in the order of command lines; the batch comes before the choice among its images.
  public static let all = [
    model, prompt, negativePrompt, guidanceScale, guidanceRescale, priorGuidanceScale, promptBlend, classLabels,
    originalSize, cropsTopLeft, targetSize, negativeOriginalSize, negativeCropsTopLeft, negativeTargetSize,
    aestheticScore, negativeAestheticScore, refiner, denoisingEnd, seeds,
    batchSize, height, width, steps, priorSteps, superResSteps, eta, scheduler, schedulerOptions, device,
    generatorDevice, gpuModel, multiprocessors, threadsPerMultiprocessor, variation, weights, call, image, initImage,
    strength, invert, threads,
    useClippedModelOutput, branches,
  ]

  /// The settings stored in ``RunSettings``: all but the model.
  public static let ofRunSettings = all.filter { $0 != model }

  /// The setting with a name; nil if there is none.
  public static func named(_ name: String) -> Setting? { all.first { $0.name == name } }

  /// The keys of settings in TOML, for error messages: their options, or the name of a setting without options.
  public static func keys(of settings: [Setting]) -> [String] {
    settings.flatMap { setting in
      let names = setting.options.filter { !$0.isRepeatable }.map(\.name)
      return (names.isEmpty ? [setting.name] : names).map { $0.replacing("_", with: "-") }
    }
  }

  /// The option with a name, of any setting.
  public static func option(named name: String) -> SettingOption? {
    all.lazy.flatMap(\.options).first { $0.name == name }
  }

  /// The options that share a flag, by its name with underscores; most have one of their own.
  public static func options(ofFlag name: String) -> [SettingOption] {
    all.flatMap(\.options).filter { $0.flagName == name }
  }

  /// Whether a text after `--image` selects an image of the batch; anything else names a picture.
  @Sendable
  private static func selectsImage(_ text: String) -> Bool { Int128(text) != nil || text == "all" }

  /// The model.
  public static let model = Setting(
    "model", \RunRequest.model, .model, options: [], restarts: .model, title: { $0.model.name })

  /// The height of the images.
  public static let height = Setting(
    "height", \.settings.height, .optional(.whole { _ in 1...RunSettings.maximumSide }, none: "own"),
    options: [SettingOption(value: "n", "The height of the images in pixels. If omitted, the model's own.")],
    restarts: .noise, mayBeOmitted: true)

  /// The width of the images.
  public static let width = Setting(
    "width", \.settings.width, .optional(.whole { _ in 1...RunSettings.maximumSide }, none: "own"),
    options: [SettingOption(value: "n", "The width of the images in pixels. If omitted, the model's own.")],
    restarts: .noise, mayBeOmitted: true)

  /// The seed of the run's generator, or one for each of several generators.
  public static let seeds = Setting(
    "seeds", \.settings.seedList, .seeds, label: "seed",
    options: [
      SettingOption(
        "seed", value: "n", "The seed of the generator, -2^63 to 2^64-1. If omitted, one is drawn and shown.",
        texts: { value in
          if case .list(let seeds) = value, seeds.count == 1 { [value.text] } else { [] }
        },
        adopt: { value in if case .list = value { nil } else { value } }),
      SettingOption(
        "seeds", value: "n,n,...", "The seeds of a list of generators, one for each image: 0,1,2. Excludes --seed.",
        texts: { value in
          if case .list(let seeds) = value, seeds.count != 1 { [value.text] } else { [] }
        }),
    ], restarts: .noise,
    title: { request in
      let seeds = request.settings.seeds
      return (seeds.count > 1 ? "seeds " : "seed ") + seeds.map(\.description).joined(separator: ",")
    })

  /// The images of the batch.
  public static let batchSize = Setting(
    "batch_size", \.settings.batchSize,
    .whole { 1...max(1, $0.limits.images) }.refusing { size, request in
      let seeds = request.settings.seeds.count
      if seeds > 1 { try RunSettings.requireGenerators(seeds, forBatch: size) }
      let lists = [("prompts", request.settings.prompts.count), ("classes", request.settings.classLabels.count)]
      for (what, count) in lists where count > 1 && count != size {
        throw DiffusionError(
          .usage, "there are \(count) \(what) for \(size) image\(size == 1 ? "" : "s"): expected 1, or one for each")
      }
    },
    label: "batch",
    options: [
      SettingOption(
        value: "n",
        "The number of images. With --seed, one generator draws for all; with --seeds, it must be the number of seeds.")
    ], restarts: .noise)

  /// The number of inference steps.
  public static let steps = Setting(
    "steps", \.settings.steps, .whole { 1...max(1, $0.limits.steps) },
    options: [
      SettingOption(
        value: "n",
        "The number of inference steps. As in Diffusers, a ScoreSdeVePipeline takes 2000 if none is given, and a "
          + "DDPMPipeline with --scheduler ddpm 1000.")
    ],
    statesDefault: true, restarts: .schedule, title: { "\($0.settings.steps) steps" })

  /// The amount of noise that each step adds.
  public static let eta = Setting(
    "eta", \.settings.eta, .decimal(0...1).with { $0.hint = { _ in "a decimal from 0 (DDIM) to 1 (DDPM)" } },
    options: [SettingOption(value: "x", "How much noise each step adds: 0 (DDIM) to 1 (DDPM).")],
    statesDefault: true, restarts: .schedule)

  /// The scheduler that turns predictions into steps.
  public static let scheduler = Setting(
    "scheduler", \.settings.scheduler, .optional(.scheduler, none: "own"),
    options: [
      SettingOption(
        value: "s",
        "The scheduler: \(SchedulerClass.shortNames), or Diffusers' class "
          + "name such as EulerDiscreteScheduler. If omitted, the default of the model's pipeline.")
    ], restarts: .schedule, mayBeOmitted: true, title: { $0.settings.scheduler ?? "own scheduler" })

  /// Options that replace those of the scheduler's configuration, and arguments of its step.
  public static let schedulerOptions = Setting(
    "scheduler_options", \.settings.schedulerOptions, .entries("name=value, such as use_karras_sigmas=true"),
    label: "scheduler-options",
    options: [
      SettingOption(
        entries: "scheduler_option", value: "name=value",
        "An option of the scheduler by Diffusers' name, in place of the model's: use_karras_sigmas=true, "
          + "timestep_spacing=trailing, or an argument of its step such as s_churn=10. May be given several times.")
    ], restarts: .schedule, mayBeOmitted: true,
    title: { request in
      let options = request.settings.schedulerOptions
      return options.isEmpty ? "no scheduler options" : SettingValue.table(options).text
    })

  /// The device to compute on.
  public static let device = Setting(
    "device", \.settings.device, .device,
    options: [
      SettingOption(
        value: "d",
        "The device to compute on: cpu, cpu:avx512, cpu:avx2, cpu:portable, cpu:reference, opencl or cuda. cpu has the "
          + "widest instruction set of the processor, or the one that the environment variable DIFFUSION_ISA names: "
          + "avx512, avx2 or portable. opencl and cuda are the first GPU of their driver, opencl:1 the next. The bits "
          + "are the same, except with cpu:reassociated, a demonstration that sums in another order for each number of "
          + "threads.")
    ], statesDefault: true, restarts: .model, decidesResult: false, title: { $0.settings.device.label })

  /// The device whose generator draws the noise.
  public static let generatorDevice = Setting(
    "generator_device", \.settings.generatorDevice, .choice(), label: "noise", aliases: ["noise_device", "noise"],
    options: [SettingOption(value: "d", "The device whose generator draws the noise: cpu or cuda.")],
    statesDefault: true, restarts: .noise)

  /// A second seed whose noise is mixed into the run's.
  public static let variation = Setting(
    "variation", \.settings.variation, .variation,
    options: [
      SettingOption(
        "variation_seed", key: "seed", .seed, value: "n",
        "Interpolate the initial noise towards that of another seed, spherically. Needs --variation-strength."),
      SettingOption(
        "variation_strength", key: "strength", .strength, value: "x",
        "How far to interpolate: 0 (the noise of --seed) to 1 (that of --variation-seed)."),
    ], restarts: .noise, mayBeOmitted: true,
    title: { request in
      request.settings.variation.map { "towards \($0.seed) by \(SettingValue(number: $0.strength).text)" }
        ?? "no variation"
    })

  /// The precision that the weights are rounded to.
  public static let weights = Setting(
    "weights", \.settings.weights, .choice(),
    options: [
      SettingOption(
        value: "type",
        "The type that the model's weights are rounded to: float32 (as in the file), bfloat16 or float16. "
          + "Computation is in float32.")
    ], statesDefault: true, restarts: .model, mayBeOmitted: true, title: { $0.settings.weights.rawValue })

  /// The call of the generators that draws the initial noise.
  public static let call = Setting(
    "call", \.settings.selection.call, .whole { _ in 1...NoiseSelection.maximumCall },
    options: [
      SettingOption(
        value: "n", "Start from the noise of the n-th call of the generator, as randn --calls draws it.")
    ], statesDefault: true, restarts: .noise, mayBeOmitted: true, receiptGroup: "selection")

  /// The image of the batch to run.
  public static let image = Setting(
    "image", \.settings.selection.image, .optional(.whole { 1...max(1, $0.request.settings.batchSize) }, none: "all"),
    options: [
      SettingOption(
        value: "n", "Run only one image of the batch, from 1; noise is drawn for all. If omitted, all images run.",
        takes: selectsImage)
    ], restarts: .noise, mayBeOmitted: true, receiptGroup: "selection",
    title: { request in
      request.settings.selection.image.map { "image \($0)/\(request.settings.batchSize)" } ?? "all images"
    })

  /// The picture that the run starts from. Its option is that of ``image``: a whole number there is an image of the
  /// batch, anything else a picture.
  public static let initImage = Setting(
    "init_image", \.settings.initImage, .optional(.picture, none: "none"), label: "picture",
    options: [
      SettingOption(
        "init_image", value: "file",
        "Start from a picture, a PNG file of any size, with noise added as in Diffusers' image-to-image; demo is the "
          + "program's own. A file whose name is a number is given as ./3.",
        flag: "image", takes: { !selectsImage($0) },
        texts: { value in
          guard case .text(let name) = value else { return [] }
          return [selectsImage(name) || name == "none" ? "./\(name)" : name]
        })
    ], restarts: .schedule, mayBeOmitted: true,
    title: { request in request.settings.initImage.map { "from \($0.shortName)" } ?? "from noise" })

  /// The share of the steps that a run from a picture takes.
  public static let strength = Setting(
    "strength", \.settings.pictureStrength, .pictureStrength,
    options: [
      SettingOption(
        value: "x",
        "With a picture, the share of the steps to take: above 0, to 1 (all of them; hardly anything is left of the "
          + "picture). (default: \(SettingValue(number: RunSettings.usualStrength).text))")
    ], restarts: .schedule, mayBeOmitted: true)

  /// Whether the run first takes the picture to its noise, and then goes back.
  public static let invert = Setting(
    "invert", \.settings.invert,
    .truth.refusing { inverts, request in
      guard !inverts || request.settings.initImage != nil else {
        throw DiffusionError(
          .usage, "invert has no picture to work on: give one with --image FILE, or as init_image")
      }
    },
    options: [
      SettingOption(
        value: nil,
        "With a picture, first take it to its noise, without adding any, then back: by the inverse of DPM-Solver for "
          + "dpm-multi, and that of DDIM for all others. --strength is the share of the steps each way.")
    ], restarts: .noise, mayBeOmitted: true,
    title: { $0.settings.invert ? "to its noise and back" : "without inversion" })

  /// The number of threads.
  public static let threads = Setting(
    "threads", \.settings.threads, .whole { _ in 1...RunSettings.maximumThreads },
    options: [
      SettingOption(
        value: "n", "The number of threads. If omitted, one for each processor. The bits are the same.")
    ], restarts: .model, decidesResult: false,
    title: { $0.settings.threads == 1 ? "1 thread" : "\($0.settings.threads) threads" })

  /// Whether the noise of a step is derived again from the clipped x_0.
  public static let useClippedModelOutput = Setting(
    "use_clipped_model_output", \.settings.useClippedModelOutput, .truth, label: "clipped-output",
    options: [
      SettingOption(
        value: nil, "Derive the noise again from the clipped x_0 in each step (Diffusers' use_clipped_model_output).")
    ], restarts: .schedule)
}

extension RunSettings {
  /// The strength of the picture; nil without one.
  fileprivate var pictureStrength: Double? {
    get { initImage == nil ? nil : strength }
    set { strength = newValue ?? Self.usualStrength }
  }

  /// The seeds; several also set the batch size.
  fileprivate var seedList: [Seed] {
    get { seeds }
    set {
      seeds = newValue
      if seeds.count > 1 { batchSize = seeds.count }
    }
  }
}
