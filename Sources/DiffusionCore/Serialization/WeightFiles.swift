/// The files of a folder that hold a model's weights.
///
/// In Diffusers' order: shards with their index take precedence over a single file. The `fp16` variant, which Diffusers
/// opens only on request, is used if there is no other: its values are computed with in binary32, like all others.
struct WeightFiles: Sendable {
  /// The safetensors file, or the index of the shards.
  let path: String

  private static let stem = "diffusion_pytorch_model"

  /// Locates the weights.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) that says what was found instead and how to convert it.
  init(in folder: String) throws {
    let candidates = [
      "\(folder)/\(Self.stem).safetensors.index.json", "\(folder)/\(Self.stem).safetensors",
      "\(folder)/\(Self.stem).safetensors.index.fp16.json", "\(folder)/\(Self.stem).fp16.safetensors",
    ]
    if let found = candidates.first(where: { FileAccess.kind(of: $0) != nil }) {
      path = found
      return
    }
    let expected = "\(folder)/\(Self.stem).safetensors"
    if FileAccess.kind(of: "\(folder)/\(Self.stem).bin") != nil {
      throw DiffusionError(
        .missingInput,
        "\(expected): missing; \(Self.stem).bin is a pickle, which is not read: convert it with "
          + "python -c \"from diffusers import UNet2DModel as M; "
          + "M.from_pretrained('\(folder)').save_pretrained('\(folder)')\""
      )
    }
    throw DiffusionError(.missingInput, "\(expected): missing; the model has no weights")
  }

  /// The index of the shards; nil for a single file.
  var index: ModelFile? { isIndex ? ModelFile(path: path) : nil }

  private var isIndex: Bool { path.hasSuffix(".json") }

  /// Opens the file or the shards.
  func open() throws -> ParameterStore {
    try isIndex ? ParameterStore(openingShardsOf: path) : ParameterStore(opening: path)
  }

  /// The file, or the index and its shards, in the order of their names.
  func paths() throws -> [String] {
    isIndex ? [path] + (try ParameterStore.shardPaths(of: path)) : [path]
  }
}
