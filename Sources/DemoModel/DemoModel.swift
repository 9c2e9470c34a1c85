import CDemoModel
import DiffusionCore

/// ddpm-emoji-32, the model that comes with the program: 32x32 RGB, 6.3 million parameters in F16, v-prediction.
///
/// Its bytes are part of the binary and are read in place. Its card, with its data, its training and its limits, is
/// `Sources/DemoModel/ddpm-emoji-32/README.md`.
public enum DemoModel {
  /// The name that the program shows.
  public static let name = "ddpm-emoji-32"

  /// The model's files, to be opened as any other model.
  public static var source: ModelSource {
    let files = [
      file(demo_model_index(), "model_index.json"), file(demo_model_unet_config(), "unet/config.json"),
      file(demo_model_scheduler_config(), "scheduler/scheduler_config.json"),
      file(demo_model_weights(), "unet/diffusion_pytorch_model.safetensors"),
    ]
    return ModelSource(name: name, files: Dictionary(uniqueKeysWithValues: files))
  }

  private static func file(_ data: demo_model_file, _ path: String) -> (String, ModelFile) {
    let bytes = UnsafeRawBufferPointer(start: data.bytes, count: data.count)
    return (path, ModelFile(constant: bytes, path: "\(name)/\(path)"))
  }
}
