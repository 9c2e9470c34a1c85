/// The files of a repository that a run needs: the index, then each component's configuration, tokenizer and weights.
struct HubFiles {
  /// What the repository has.
  private let paths: Set<String>
  /// The kind of weights that is preferred: `fp16`; nil for the usual one.
  private let variant: String?

  init(_ files: [HubClient.File], variant: String?) {
    paths = Set(files.map(\.path))
    self.variant = variant
  }

  /// The files that name a component's weights or configuration, beside the weights' own shards.
  ///
  /// - Parameter index: The components; nil for a repository without `model_index.json`.
  func needed(for index: ModelIndex?) -> [String] {
    var needed: [String] = []
    for component in index?.used ?? ["scheduler", "unet"] {
      let config = ModelSource.configuration(of: component)
      if ModelSource.isScheduler(component) || component == ModelSource.imageProcessor {
        needed += place(config, of: component).map { [$0] } ?? []
      } else if component.hasPrefix("tokenizer") {
        needed += ModelSource.tokenizerFiles.map { "\(component)/\($0)" }.filter(paths.contains)
      } else if let config = place(config, of: component) {
        let folder = config.dropLast("config.json".count)
        let isTransformers = index?.transformers.contains(component) == true
        needed += [config] + (weights(in: String(folder), isTransformers: isTransformers).map { [$0] } ?? [])
      }
    }
    return needed
  }

  /// A file in the folder of its component, or else beside the index.
  private func place(_ file: String, of component: String) -> String? {
    ["\(component)/\(file)", file].first(where: paths.contains)
  }

  /// The weights of a component, or the index of their shards: the first of the names that ``WeightFiles`` opens.
  ///
  /// - Parameters:
  ///   - folder: Its folder, with a slash at the end unless it is the repository's own.
  ///   - isTransformers: Whether Transformers wrote them.
  private func weights(in folder: String, isTransformers: Bool) -> String? {
    let library: WeightFiles.Library = isTransformers ? .transformers : .diffusers
    return library.names(variant: variant).lazy.map { folder + $0 }.first(where: paths.contains)
  }

  /// The shards that an index of weights names; empty for any other file.
  ///
  /// - Parameters:
  ///   - path: The path of the file in the repository.
  ///   - content: Where it is.
  /// - Throws: ``DiffusionError`` (`badData`) for a damaged index, and for one that names a file that is not beside it.
  func shards(of path: String, at content: String) throws -> [String] {
    guard path.hasSuffix(".json"), path.contains(".index.") else { return [] }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    return try ParameterStore.shardPaths(of: content).map { shard in
      let name = "\(folder)\(shard.split(separator: "/").last ?? "")"
      guard paths.contains(name) else {
        throw DiffusionError(.badData, "\(path): names \(name), which the repository does not have")
      }
      return name
    }
  }
}

extension HubCache {
  /// The files of a commit as huggingface_hub listed them (`trees/COMMIT.json`); nil if it did not, or in another
  /// format.
  func files(of name: HubName, at commit: String) -> [HubClient.File]? {
    let path = "\(folder(of: name.repository))/trees/\(commit).json"
    guard FileAccess.kind(of: path) == .file,
      let values = try? ConfigurationReader(json: FileAccess.readText(path), file: path).values,
      values["format_version"] == .integer(1), case .table(let files) = values["files"]
    else { return nil }
    let found = files.compactMap { file, values -> HubClient.File? in
      guard case .table(let values) = values, case .integer(let size) = values["size"],
        let size = Int(exactly: size), HubClient.fileSizes.contains(size), Self.isName(file)
      else { return nil }
      return HubClient.File(path: file, size: size)
    }
    return found.count == files.count ? found.sorted { $0.path < $1.path } : nil
  }
}
