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

    /// The names of the files, in the order in which they are taken.
    ///
    /// - Parameter variant: The kind of weights that is preferred, such as `fp16`; nil for the usual one.
    func names(variant: String?) -> [String] {
      let files = [(stem, "safetensors"), (pickleStem, "bin")]
      return (variant.map { [$0, nil] } ?? [nil, "fp16"]).flatMap { variant in
        let mark = variant.map { "\($0)." } ?? ""
        return files.flatMap { ["\($0).\($1).index.\(mark)json", "\($0).\(mark)\($1)"] }
      }
    }
  }

  /// Locates the weights.
  ///
  /// - Parameters:
  ///   - folder: The folder of the configuration.
  ///   - library: The library that wrote them.
  ///   - className: The class that they belong to there.
  ///   - variant: The kind of weights that is preferred, such as `fp16`; nil for the usual one.
  /// - Throws: ``DiffusionError`` (`missingInput`) that says what was found instead and how to convert it.
  init(
    in folder: String, of library: Library = .diffusers, className: String = "UNet2DModel", variant: String? = nil
  ) throws {
    let names = library.names(variant: variant).filter { $0.contains(".safetensors") }
    if let found = names.first(where: { FileAccess.kind(of: "\(folder)/\($0)") != nil }) {
      path = "\(folder)/\(found)"
      return
    }
    let expected = "\(folder)/\(library.stem).safetensors", pickle = "\(library.pickleStem).bin"
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

  /// The kind of weights that a file or an index has: `fp16` of `model.fp16.safetensors`,
  /// `model.safetensors.index.fp16.json` and `model.fp16-00001-of-00002.safetensors`; nil for the usual kind.
  static func variant(of path: String) -> String? {
    let parts = (path.split(separator: "/").last ?? "").split(separator: ".")
    if parts.last == "json" { return parts.count == 5 && parts[2] == "index" ? String(parts[3]) : nil }
    guard parts.count == 3, ["safetensors", "bin"].contains(parts[2]) else { return nil }
    return parts[1].split(separator: "-").first.map(String.init)
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
