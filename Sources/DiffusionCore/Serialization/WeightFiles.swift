/// The files of a folder that hold a model's weights.
///
/// In Diffusers' order: shards with their index take precedence over a single file. The `fp16` variant, which Diffusers
/// opens only on request, is used if there is no other: its values are computed with in binary32, like all others.
struct WeightFiles: Sendable {
  /// The safetensors file, or the index of the shards.
  let path: String

  /// The library that wrote the weights, which names the files.
  enum Library: String, Sendable {
    case diffusers, transformers

    /// How the names of the files begin.
    var stem: String { self == .diffusers ? "diffusion_pytorch_model" : "model" }
    /// How the names of pickles begin.
    fileprivate var pickleStem: String { self == .diffusers ? stem : "pytorch_model" }
  }

  /// Locates the weights.
  ///
  /// - Parameters:
  ///   - folder: The folder of the configuration.
  ///   - library: The library that wrote them.
  ///   - className: The class that they belong to there.
  /// - Throws: ``DiffusionError`` (`missingInput`) that says what was found instead and how to convert it.
  init(in folder: String, of library: Library = .diffusers, className: String = "UNet2DModel") throws {
    let stem = library.stem
    let candidates = [
      "\(folder)/\(stem).safetensors.index.json", "\(folder)/\(stem).safetensors",
      "\(folder)/\(stem).safetensors.index.fp16.json", "\(folder)/\(stem).fp16.safetensors",
    ]
    if let found = candidates.first(where: { FileAccess.kind(of: $0) != nil }) {
      path = found
      return
    }
    let expected = "\(folder)/\(stem).safetensors", pickle = "\(library.pickleStem).bin"
    if FileAccess.kind(of: "\(folder)/\(pickle)") != nil {
      throw DiffusionError(
        .missingInput,
        "\(expected): missing; \(pickle) is a pickle, which is not read: convert it with "
          + "python -c \"from \(library.rawValue) import \(className) as M; "
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
