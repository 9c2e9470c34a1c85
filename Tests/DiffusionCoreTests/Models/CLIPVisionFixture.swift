import DiffusionCore
import TestSupport

/// Image encoders of `generate_unclip_variation.py`.
enum CLIPVisionFixture {
  static let names = ["quick-gelu", "gelu"]

  static func model(_ name: String, device: Device = .cpu, threads: Int = 2) throws -> CLIPVisionModel {
    let folder = "\(UnCLIPVariationRun.folder)/encoders/\(name)"
    return try CLIPVisionModel(
      config: CLIPVisionConfig(json: FileAccess.read("\(folder)/config.json"), file: "config.json"),
      parameters: ParameterStore(opening: "\(folder)/model.safetensors"), device: device, threads: threads)
  }

  static func cases(_ name: String) throws -> TensorFile {
    try TensorFile("unclip-variation/encoders/\(name)/cases.safetensors")
  }
}
