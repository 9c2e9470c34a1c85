import ArgumentParser
import DiffusionCore

/// The options shared by every command that runs a model: MODEL and the run settings.
public struct RunOptions: SettingOptions {
  @OptionGroup
  var model: ModelArgument

  @OptionGroup
  var own: RunSettingOptions

  /// Creates options with their defaults.
  public init() {}

  var given: [String: [String]] { own.given }
  var seed: String? { own.seed }
  var steps: String? { own.steps }
}

/// The run settings.
struct RunSettingOptions: SettingOptions {
  @Option(setting: "prompt") var prompt: [String] = []
  @Option(setting: "negative_prompt") var negativePrompt: String?
  @Option(setting: "guidance_scale") var guidanceScale: String?
  @Option(setting: "guidance_rescale") var guidanceRescale: String?
  @Option(setting: "prior_guidance_scale") var priorGuidanceScale: String?
  @Option(setting: "blend_prompt") var blendPrompt: String?
  @Option(setting: "blend_strength") var blendStrength: String?
  @Option(setting: "class_label") var classLabel: String?

  @OptionGroup
  var size: SizeOptions

  @OptionGroup
  var stableDiffusionXL: StableDiffusionXLOptions

  @Option(setting: "seed") var seed: String?
  @Option(setting: "steps") var steps: String?
  @Option(setting: "prior_steps") var priorSteps: String?
  @Option(setting: "super_res_steps") var superResSteps: String?
  @Option(setting: "eta") var eta: String?

  @Option(setting: "scheduler") var scheduler: String?
  @Option(setting: "scheduler_option") var schedulerOption: [String] = []

  @OptionGroup
  var compute: ComputeOptions

  @OptionGroup
  var noise: NoiseOptions

  @Option(setting: "weights") var weights: String?
  @Option(setting: "variation_seed") var variationSeed: String?
  @Option(setting: "variation_strength") var variationStrength: String?
  @Option(setting: "call") var call: String?
  @Option(setting: "image") var image: [String] = []
  @Option(setting: "strength") var strength: String?
  @Flag(setting: "invert") var invert = false
  @Flag(setting: "use_clipped_model_output") var useClippedModelOutput = false
  @Option(setting: "branch") var branch: [String] = []

  var given: [String: [String]] {
    var own = Self.texts([
      "negative_prompt": negativePrompt, "guidance_scale": guidanceScale, "guidance_rescale": guidanceRescale,
      "blend_prompt": blendPrompt, "blend_strength": blendStrength, "class_label": classLabel,
      "seed": seed, "steps": steps, "eta": eta, "scheduler": scheduler,
      "weights": weights, "prior_steps": priorSteps, "super_res_steps": superResSteps,
      "prior_guidance_scale": priorGuidanceScale,
      "variation_seed": variationSeed, "variation_strength": variationStrength, "call": call, "strength": strength,
      "invert": invert ? "true" : nil, "use_clipped_model_output": useClippedModelOutput ? "true" : nil,
    ])
    if !prompt.isEmpty { own["prompt"] = prompt }
    if !schedulerOption.isEmpty { own["scheduler_option"] = schedulerOption }
    if !image.isEmpty { own["image"] = image }
    if !branch.isEmpty { own["branch"] = branch }
    return [size.given, stableDiffusionXL.given, compute.given, noise.given].reduce(own) { $0.merging($1) { $1 } }
  }
}

extension RunOptions {
  /// Refuses one generator and a list of them together.
  static func refuse(seed: String?, besides seeds: String?) throws {
    guard seed == nil || seeds == nil else {
      throw DiffusionError(
        .usage, "--seed and --seeds exclude each other: give --seed for one generator, --seeds for a list of them")
    }
  }

  /// Whether any setting was given, so that no earlier run is resumed.
  var isAnyGiven: Bool { !given.isEmpty }

  /// Reads MODEL and the settings.
  ///
  /// - Parameters:
  ///   - drawSeed: Draws the seed of a run without one.
  ///   - more: Additional options.
  ///   - environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`.
  /// - Throws: ``DiffusionError``: `usage` that names the setting; `unavailable` for a device that is not available.
  func request(
    drawSeed: () -> Seed, and more: [String: [String]] = [:], environment: [String: String]
  ) throws -> RunRequest {
    let settings = try settings(environment: environment, and: more, drawSeed: drawSeed)
    return RunRequest(model: model.reference(for: settings), settings: settings)
  }
}

/// Random seeds for runs without one.
public enum RandomSeed {
  /// Draws a seed below 2^32 from the system: short enough to type, and exact in JSON readers that store numbers as
  /// binary64.
  @Sendable
  public static func draw() -> Seed { Seed(UInt64(UInt32.random(in: .min ... .max))) }
}
