import ArgumentParser
import DiffusionCore

/// The options of Stable Diffusion XL: sizes, crops, scores and a refiner.
public struct StableDiffusionXLOptions: SettingOptions {
  @Option(setting: "original_size") var originalSize: String?
  @Option(setting: "crops_coords_top_left") var cropsTopLeft: String?
  @Option(setting: "target_size") var targetSize: String?
  @Option(setting: "negative_original_size") var negativeOriginalSize: String?
  @Option(setting: "negative_crops_coords_top_left") var negativeCropsTopLeft: String?
  @Option(setting: "negative_target_size") var negativeTargetSize: String?
  @Option(setting: "aesthetic_score") var aestheticScore: String?
  @Option(setting: "negative_aesthetic_score") var negativeAestheticScore: String?
  @Option(setting: "refiner") var refiner: String?
  @Option(setting: "denoising_end") var denoisingEnd: String?

  /// Creates options with their defaults.
  public init() {}

  var given: [String: [String]] {
    Self.texts([
      "original_size": originalSize, "crops_coords_top_left": cropsTopLeft, "target_size": targetSize,
      "negative_original_size": negativeOriginalSize, "negative_crops_coords_top_left": negativeCropsTopLeft,
      "negative_target_size": negativeTargetSize, "aesthetic_score": aestheticScore,
      "negative_aesthetic_score": negativeAestheticScore, "refiner": refiner, "denoising_end": denoisingEnd,
    ])
  }
}
