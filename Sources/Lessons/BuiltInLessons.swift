/// The lessons that come with the program. The build embeds every file of the folder `lessons`.
public enum BuiltInLessons {
  /// TOML by file name without its extension. A test fails if a file of the folder is missing here.
  public static let all: [String: String] = [
    "batch": PackageResources.batch_toml,
    "cards": PackageResources.cards_toml,
    "close": PackageResources.close_toml,
    "cuda": PackageResources.cuda_toml,
    "drift": PackageResources.drift_toml,
    "eta": PackageResources.eta_toml,
    "forward": PackageResources.forward_toml,
    "generator": PackageResources.generator_toml,
    "guidance": PackageResources.guidance_toml,
    "halves": PackageResources.halves_toml,
    "list": PackageResources.list_toml,
    "order": PackageResources.order_toml,
    "precision": PackageResources.precision_toml,
    "prompt": PackageResources.prompt_toml,
    "scheduler": PackageResources.scheduler_toml,
    "seed": PackageResources.seed_toml,
    "step": PackageResources.step_toml,
    "steps": PackageResources.steps_toml,
    "switches": PackageResources.switches_toml,
  ].mapValues { String(decoding: $0, as: UTF8.self) }
}
