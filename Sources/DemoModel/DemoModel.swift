import CDemoModel
import DiffusionCore

/// The built-in models: ddpm-emoji-32, which takes no prompt (32x32 RGB, 6.3 million parameters in F16), and
/// sd-emoji-64, a miniature Stable Diffusion (64x64 RGB, 6.5 million).
///
/// Their bytes are part of the binary and are read in place. Their cards, which describe data, training and limits, are
/// `Sources/DemoModel/ddpm-emoji-32/README.md` and `Sources/DemoModel/sd-emoji-64/README.md`.
public enum DemoModel {
  /// The display name of the model that takes no prompt.
  public static let name = ModelReference.demoName
  /// The display name of the model that takes a prompt.
  public static let promptName = ModelReference.promptDemoName

  /// The files of the model that takes no prompt, to be opened like any other model.
  public static var source: ModelSource { source(named: name) }

  /// The files of one of the models, by its name; of a model without files for any other.
  public static func source(named name: String) -> ModelSource {
    let files = (0..<demo_model_file_count()).map(demo_model_file_at).compactMap { file -> (String, ModelFile)? in
      let path = String(cString: file.path), prefix = "\(name)/"
      guard path.hasPrefix(prefix) else { return nil }
      let bytes = UnsafeRawBufferPointer(start: file.bytes, count: file.count)
      return (String(path.dropFirst(prefix.count)), ModelFile(constant: bytes, path: path))
    }
    // The scale that its card recommends; what other models are opened with is far too strong for it.
    return ModelSource(
      name: name, files: Dictionary(uniqueKeysWithValues: files), guidanceScale: name == promptName ? 2 : nil)
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

  /// The SHA-256 of each file as published, by its path in ``source(named:)``: `doctor` compares the built-in files
  /// with them.
  public static let sha256: [String: String] = [
    "\(name)/model_index.json": "3f594107d64096abc7bbc5e2cf8930b55835794210c9a062c35be00bc79f4352",
    "\(name)/scheduler/scheduler_config.json": "81c484fb958210babf7de7fbffbceed739333518e5df674eb788e517a0809eb2",
    "\(name)/unet/config.json": "ed056880631b779c920f0214a8b3c9fc3819ec45d299c2dbcd973a5e52a0633f",
    "\(name)/unet/diffusion_pytorch_model.safetensors":
      "95b74c2d82522c2802ee9832a0caa000b09737f5884e3c5925f2297fc7ca24e3",
    "\(promptName)/model_index.json": "d34ebfa1831c9990a5ed7986d550296516da01394d6eb9a128d444557a84d513",
    "\(promptName)/scheduler/scheduler_config.json": "279059154600f94ff7870af544555e5c0040e5d5dd284b92f5a9e0518100d630",
    "\(promptName)/text_encoder/config.json": "e2a7db241a3332e1a2b97a8471c4767b32f69b4c818e80384ef8a2e3cd586127",
    "\(promptName)/text_encoder/model.safetensors": "328ca364cd4efeb5a0284e19f698244bd55ef865bf83758ab90596e5fb4001f3",
    "\(promptName)/tokenizer/merges.txt": "274575e2aaab12555b6aa25898017b90d4f17d30c799c66e710e00dd38159345",
    "\(promptName)/tokenizer/special_tokens_map.json":
      "694221b88faf9be7a3a565f749a706b287d3e11d1654c3ed19fad50d1e0784cf",
    "\(promptName)/tokenizer/tokenizer.json": "c343996f0d6fad31f79a22126938f9eb0b89d1785a0e81dce7fafb5475a27563",
    "\(promptName)/tokenizer/tokenizer_config.json": "52fe8fe753a0c2b424e064408aae20812f7605aedaf48faa387bcd57be558071",
    "\(promptName)/tokenizer/vocab.json": "29a39471d05eece33f65a25e0ad87ca3b2004a6ff02c8ad2c73b4beb78b7c71e",
    "\(promptName)/unet/config.json": "4ea3e060f3d87bca3fb9fac03b8d6e969e446b2a0131426e676d091e7a065472",
    "\(promptName)/unet/diffusion_pytorch_model.safetensors":
      "40ca6b1033b0fdbee268d95f0c78521badaa88c6c659600b738338d9d1a55eab",
    "\(promptName)/vae/config.json": "1f3535600748feef89bf607d5dffd2558c5dd284659e0e952f5a76c1c5b7f43d",
    "\(promptName)/vae/diffusion_pytorch_model.safetensors":
      "9371583b95465b01c696196bc94fc16dd6fa750773a9d16352299655656a1319",
  ]
}
