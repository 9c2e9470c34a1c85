extension ParameterStore {
  /// The part of `*.safetensors.index.json` that matters here.
  private struct ShardIndex: Decodable {
    /// A parameter's name -> the name of its file.
    let weightMap: [String: String]

    enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
  }

  /// Opens weights that lie in several files, beside the index that `save_pretrained(max_shard_size:)` writes.
  ///
  /// - Parameter index: The path of `diffusion_pytorch_model.safetensors.index.json`.
  /// - Throws: ``DiffusionError``: `missingInput` if a shard is missing; `badData` if index and shards disagree; see also
  ///   ``init(opening:)``.
  package init(openingShardsOf index: String) throws {
    let map = try Self.weightMap(of: index)
    let files = try Self.shardPaths(of: index).map { path in
      guard FileAccess.kind(of: path) != nil else {
        throw DiffusionError(.missingInput, "\(path): missing, but \(index) names it; fetch the model again")
      }
      return try SafeTensorsFile(opening: path)
    }
    try Self.verify(map, files, index: index)
    try self.init(files: files, path: index)
  }

  /// The paths of the shards that an index names, sorted.
  ///
  /// - Throws: ``DiffusionError``: `missingInput`, or `badData` if a name is not that of a file beside the index.
  static func shardPaths(of index: String) throws -> [String] {
    let folder = FileAccess.parent(of: index)
    return try Set(weightMap(of: index).values).sorted().map { shard in
      guard !shard.contains("/"), shard.hasSuffix(".safetensors") else {
        throw DiffusionError(.badData, "\(index): \"\(shard)\" is not the name of a .safetensors file beside the index")
      }
      return "\(folder)/\(shard)"
    }
  }

  private static func weightMap(of index: String) throws -> [String: String] {
    try JSONText.decode(ShardIndex.self, from: FileAccess.read(index), source: index).weightMap
  }

  /// Every tensor must be in the file that the index names, and the index must know every tensor.
  private static func verify(
    _ map: [String: String], _ files: [SafeTensorsFile], index: String
  ) throws {
    let folder = FileAccess.parent(of: index)
    let tensors = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.tensors) })
    for (name, shard) in map.sorted(by: { $0.key < $1.key }) where tensors["\(folder)/\(shard)"]?[name] == nil {
      throw DiffusionError(.badData, "\(folder)/\(shard): tensor \(name) is missing, but \(index) places it there")
    }
    for file in files {
      for name in file.tensors.keys.sorted() where map[name] == nil {
        throw DiffusionError(.badData, "\(file.path): tensor \(name) is not in \(index)")
      }
    }
  }
}
