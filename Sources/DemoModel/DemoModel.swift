import CDemoModel
import DiffusionCore

/// ddpm-emoji-32, the built-in model: 32x32 RGB, 6.3 million parameters in F16, v-prediction.
///
/// Its bytes are part of the binary and are read in place. Its model card, which describes its data, training and
/// limits, is `Sources/DemoModel/ddpm-emoji-32/README.md`.
public enum DemoModel {
  /// Its display name.
  public static let name = "ddpm-emoji-32"

  /// The model's files, to be opened like any other model.
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

extension DemoModel {
  /// The picture that runs can start from without a file, `--image demo`: the model's own image of seed 3, after 50
  /// steps, with 8 bits; 32x32 RGB.
  public static var picture: SourcePicture {
    get throws {
      let file = demo_model_picture(), bytes = UnsafeRawBufferPointer(start: file.bytes, count: file.count)
      let record = PictureRecord(name: PictureReference.demoName, sha256: pictureSHA256)
      return try SourcePicture(
        record: record, width: 32, height: 32, channels: 3, samples: .bits8(Array(bytes.suffix(32 * 32 * 3))))
    }
  }

  /// The SHA-256 of the picture's file.
  private static let pictureSHA256 = "272bd647c9676a31e92bc5a40dbb9e29554b1198a01bee454cc9b497faa16554"

  /// The SHA-256 of each file as published, by its path in ``source``: `doctor` compares the built-in files with them.
  public static let sha256: [String: String] = [
    "\(name)/model_index.json": "3f594107d64096abc7bbc5e2cf8930b55835794210c9a062c35be00bc79f4352",
    "\(name)/scheduler/scheduler_config.json": "81c484fb958210babf7de7fbffbceed739333518e5df674eb788e517a0809eb2",
    "\(name)/unet/config.json": "ed056880631b779c920f0214a8b3c9fc3819ec45d299c2dbcd973a5e52a0633f",
    "\(name)/unet/diffusion_pytorch_model.safetensors":
      "95b74c2d82522c2802ee9832a0caa000b09737f5884e3c5925f2297fc7ca24e3",
  ]
}
