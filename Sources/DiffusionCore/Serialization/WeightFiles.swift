/// The files of a folder that hold a model's weights.
///
/// In Diffusers' order: safetensors before torch's pickles, and shards with their index before a single file. The
/// `fp16` variant, which Diffusers opens only on request, is used if there is no other: its values are computed with in
/// binary32, like all others.
package struct WeightFiles: Sendable {
  /// The file, or the index of the shards.
  let path: String

  /// The library that wrote the weights, which names the files.
  enum Library: String, Sendable {
    case diffusers, transformers

    /// How the names of safetensors begin.
    var stem: String { self == .diffusers ? "diffusion_pytorch_model" : "model" }
    /// How the names of torch's files begin.
    private var torchStem: String { self == .diffusers ? stem : "pytorch_model" }

    /// The names of the files, in the order in which they are taken.
    ///
    /// - Parameter variant: The kind of weights that is preferred, such as `fp16`; nil for the usual one.
    func names(variant: String?) -> [String] {
      let files = [(stem, "safetensors"), (torchStem, "bin")]
      return (variant.map { [$0, nil] } ?? [nil, "fp16"]).flatMap { variant in
        let mark = variant.map { "\($0)." } ?? ""
        return files.flatMap { ["\($0).\($1).index.\(mark)json", "\($0).\(mark)\($1)"] }
      }
    }
  }

  /// How the names of torch's files end.
  static let torchEndings = [".bin", ".pt", ".pth", ".ckpt"]

  /// Whether a path has the name of weights, or of the index of their shards.
  static func isWeights(_ path: String) -> Bool {
    (torchEndings + [".safetensors"]).contains { ending in
      path.hasSuffix(ending) || path.hasSuffix("\(ending).index.json") || path.hasSuffix("\(ending).index.fp16.json")
    }
  }

  /// The file, or the index of the shards, at a path.
  init(path: String) { self.path = path }

  /// Locates the weights.
  ///
  /// - Parameters:
  ///   - folder: The folder of the configuration.
  ///   - library: The library that wrote them.
  ///   - variant: The kind of weights that is preferred, such as `fp16`; nil for the usual one.
  /// - Throws: ``DiffusionError`` (`missingInput`) that names the file that is expected.
  init(in folder: String, of library: Library = .diffusers, variant: String? = nil) throws {
    let names = library.names(variant: variant)
    guard let found = names.first(where: { FileAccess.kind(of: "\(folder)/\($0)") != nil }) else {
      throw DiffusionError(
        .missingInput, "\(folder)/\(library.stem).safetensors: missing; the model has no weights")
    }
    path = "\(folder)/\(found)"
  }

  /// The kind of weights that a file or an index has: `fp16` of `model.fp16.safetensors`,
  /// `model.safetensors.index.fp16.json` and `model.fp16-00001-of-00002.safetensors`; nil for the usual kind.
  package static func variant(of path: String) -> String? {
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
