import TensorKernels

/// The named weights of a model, in files of safetensors or of torch.
///
/// Weights are read on demand. A weight that a model reads must exist with the right shape (``read(_:shape:)``); those
/// that it does not read are told of, as Diffusers does (`notes`).
public struct ParameterStore: Sendable {
  /// The location of a parameter: its file, its name there, and what it is.
  private struct Place: Sendable {
    let file: Int
    let name: String
    let tensor: StoredTensor
  }

  /// The names of all parameters, sorted at each call.
  public var names: [String] { places.keys.sorted() }
  /// The bytes of all parameters in their files.
  var byteCount: Int { .sum(of: places.values.map(\.tensor.byteCount)) }
  /// The number of elements of all parameters.
  var elementCount: Int { .sum(of: places.values.map(\.tensor.count)) }
  /// The name of the store in error messages: the file, or the index of the shards.
  private let path: String
  private let files: [any WeightFile]
  private var places: [String: Place]
  /// The type that parameters are rounded to when they are read.
  private(set) var precision = WeightPrecision.float32
  /// Whether a network has found all that it needs: nothing is missing, of another shape or not finite.
  var isChecked = false
  /// Lines about tensors that another one replaces.
  private var replaced: [String] = []

  /// Opens one file: of `torch.save` if its name ends in `.bin`, `.pt`, `.pth` or `.ckpt`, else of safetensors.
  ///
  /// - Throws: ``DiffusionError``: `missingInput`, `inputOutput`, or `badData` that names the file and the tensor.
  public init(opening path: String) throws {
    try self.init(files: [Self.file(at: path)], path: path)
  }

  /// Creates a store of the tensors in several files, whose names must be unique.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names a tensor and the two files that have it.
  package init(files: [any WeightFile], path: String) throws {
    var places = [String: Place](minimumCapacity: files.reduce(0) { $0 + $1.tensors.count })
    for (index, file) in files.enumerated() {
      let twice = index == 0 ? nil : file.tensors.keys.filter { places[$0] != nil }.min()
      if let twice, let other = places[twice] {
        throw DiffusionError(.badData, "\(file.path): tensor \(twice) is also in \(files[other.file].path)")
      }
      // The numbers of positions that old checkpoints of transformers hold are no weights, and nothing reads them.
      for (name, tensor) in file.tensors where tensor.dtype != .int64 || !name.hasSuffix(".position_ids") {
        places[name] = Place(file: index, name: name, tensor: tensor)
      }
    }
    (self.path, self.files, self.places) = (path, files, places)
  }

  /// Opens a file by the format that its name tells.
  private static func file(at path: String) throws -> any WeightFile {
    WeightFiles.torchEndings.contains(where: path.hasSuffix)
      ? try TorchFile(opening: path) : try SafeTensorsFile(opening: path)
  }

  /// The same parameters under other names.
  ///
  /// - Parameter transform: Returns a parameter's new name; the old one if it does not change.
  /// - Throws: ``DiffusionError`` (`badData`) if two parameters would have the same name.
  package func renaming(_ transform: (String) -> String) throws -> ParameterStore {
    guard places.keys.contains(where: { transform($0) != $0 }) else { return self }
    var renamed: [String: Place] = [:]
    for name in names {
      guard let place = places[name] else { continue }
      let target = transform(name)
      if let other = renamed[target] {
        throw DiffusionError(
          .badData,
          "\(files[place.file].path): tensors \(other.name) and \(place.name) are both the parameter "
            + "\(target); one must go"
        )
      }
      renamed[target] = place
    }
    var store = self
    store.places = renamed
    return store
  }

  /// The same parameters, rounded when they are read.
  package func rounded(to precision: WeightPrecision) -> ParameterStore {
    var store = self
    store.precision = precision
    return store
  }

  /// The shape of a parameter; nil if there is none of that name.
  public func shape(of name: String) -> [Int]? { places[name]?.tensor.shape }

  /// The bytes of a parameter in its file; 0 if there is none of that name.
  func byteCount(of name: String) -> Int { places[name]?.tensor.byteCount ?? 0 }

  /// Reads a parameter as binary32; F16 and BF16 are converted exactly. If the store rounds, it rounds afterwards.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the tensor if it is missing, has another shape
  ///   than `shape`, or holds a NaN or an infinity.
  public func read(_ name: String, shape: [Int]) throws -> [Float] {
    let (file, stored) = try stored(name, shape)
    return precision.rounded(try file.floats(stored))
  }

  /// Checks that ``read(_:shape:)`` can read a parameter, without a copy of it.
  ///
  /// - Throws: As ``read(_:shape:)``.
  func check(_ name: String, shape: [Int]) throws {
    let (file, stored) = try stored(name, shape)
    try file.check(stored)
  }

  /// The file of a parameter, and its name there.
  private func stored(_ name: String, _ shape: [Int]) throws -> (file: any WeightFile, name: String) {
    guard let place = places[name] else {
      if let other = ForeignWeights(names: places.keys) { throw other.error(path) }
      throw DiffusionError(
        .badData, "\(path): tensor \(name) of shape \(shape) is missing; do the weights belong to this configuration?")
    }
    let file = files[place.file], found = place.tensor.shape
    guard found == shape else {
      let alias = place.name == name ? "" : " (for \(name))"
      throw DiffusionError(
        .badData, "\(file.path): tensor \(place.name)\(alias) has shape \(found), but the configuration needs \(shape)")
    }
    return (file, place.name)
  }

  /// Lines about the tensors that others replace, about the parameters that were not used, and about those that are
  /// rounded because they are of F64.
  ///
  /// - Parameter used: The names that a model has read.
  package func notes(used: Set<String>) -> [String] {
    let extra = places.keys.filter { !used.contains($0) }
    var notes = replaced
    let first = extra.smallest(3).compactMap { places[$0] }
    if let file = first.first?.file {
      let listed = first.map(\.name).joined(separator: ", ")
      let more = extra.count > 3 ? " and \(extra.count - 3) more" : ""
      notes.append(
        "\(files[file].path): the configuration has no use for tensor\(extra.count == 1 ? "" : "s") "
          + "\(listed)\(more): left out, as in Diffusers")
    }
    let wide = used.compactMap { places[$0] }.filter { $0.tensor.dtype == .float64 }.count
    if wide > 0 { notes.append("\(path): F64 in \(wide) of \(used.count) tensors: rounded to F32, as in Diffusers") }
    return notes
  }
}

extension ParameterStore {
  /// The relevant part of `*.safetensors.index.json`.
  private struct ShardIndex: Decodable {
    /// The name of a parameter's file, by the parameter's name.
    let weightMap: [String: String]

    enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
  }

  /// Opens weights in several files, next to the index that `save_pretrained(max_shard_size:)` writes.
  ///
  /// - Parameter index: The path of `diffusion_pytorch_model.safetensors.index.json`.
  /// - Throws: ``DiffusionError``: `missingInput` if a shard is missing; `badData` if index and shards disagree; see
  ///   also ``init(opening:)``.
  package init(openingShardsOf index: String) throws {
    let map = try Self.weightMap(of: index)
    let files = try Self.shardPaths(map, index: index).map { path in
      guard FileAccess.kind(of: path) != nil else {
        throw DiffusionError(.missingInput, "\(path): missing, but \(index) names it; fetch the model again")
      }
      return try Self.file(at: path)
    }
    try Self.verify(map, files, index: index)
    try self.init(files: files, path: index)
  }

  /// The paths of the shards that an index names, sorted.
  ///
  /// - Throws: ``DiffusionError``: `missingInput`, or `badData` if a name is not that of a file next to the index.
  static func shardPaths(of index: String) throws -> [String] {
    try shardPaths(weightMap(of: index), index: index)
  }

  private static func shardPaths(_ map: [String: String], index: String) throws -> [String] {
    let folder = FileAccess.parent(of: index)
    return try Set(map.values).sorted().map { shard in
      let ending = index.dropFirst(folder.count).contains(".bin.index.") ? ".bin" : ".safetensors"
      guard !shard.contains("/"), shard.hasSuffix(ending) else {
        throw DiffusionError(
          .badData, "\(index): \"\(shard)\" is not the name of a \(ending) file next to the index")
      }
      return "\(folder)/\(shard)"
    }
  }

  private static func weightMap(of index: String) throws -> [String: String] {
    let json = try FileAccess.read(index)
    return try JSONText.decode(ShardIndex.self, from: json, source: index).weightMap
  }

  /// Checks that every tensor is in the file that the index names, and that the index lists every tensor.
  private static func verify(
    _ map: [String: String], _ files: [any WeightFile], index: String
  ) throws {
    let folder = FileAccess.parent(of: index)
    let tensors = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.tensors) })
    let missing = map.filter { tensors["\(folder)/\($0.value)"]?[$0.key] == nil }
    if let (name, shard) = missing.min(by: { $0.key < $1.key }) {
      throw DiffusionError(.badData, "\(folder)/\(shard): tensor \(name) is missing, but \(index) places it there")
    }
    for file in files {
      guard let name = file.tensors.keys.filter({ map[$0] == nil }).min() else { continue }
      throw DiffusionError(.badData, "\(file.path): tensor \(name) is not in \(index)")
    }
  }
}

extension ParameterStore {
  /// The parameters with current attention names: `query`, `key`, `value` and `proj_attn` become `to_q`, `to_k`, `to_v`
  /// and `to_out.0`. Models saved before Diffusers 0.15, such as google/ddpm-cifar10-32, have the old names.
  ///
  /// Of a parameter under both names the old one is kept, as in Diffusers; in shards, where Diffusers knows no old
  /// names, the new one. A note says so.
  ///
  /// Reference: diffusers, `ModelMixin._fix_state_dict_keys_on_load` in `models/modeling_utils.py`.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if two parameters would have the same name all the same.
  package func withCurrentAttentionNames() throws -> ParameterStore {
    var places = places, replaced = replaced
    let former = places.keys.filter { Self.currentAttentionName($0) != $0 }
    if former.isEmpty { return self }
    for old in former.sorted() {
      let new = Self.currentAttentionName(old)
      guard let place = places[old], places[new] != nil else { continue }
      let (kept, left) = path.hasSuffix(".index.json") ? (new, old) : (old, new)
      places[left] = nil
      replaced.append(
        "\(files[place.file].path): tensors \(old) and \(new) are both the parameter \(new): \(kept) is taken, as in "
          + "Diffusers")
    }
    var store = self
    (store.places, store.replaced) = (places, replaced)
    return try store.renaming(Self.currentAttentionName)
  }

  /// `mid_block.attentions.0.query.weight` becomes `mid_block.attentions.0.to_q.weight`; other names stay.
  private static func currentAttentionName(_ name: String) -> String {
    let current = ["query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"]
    // Nearly every name fails here, and splitting it would be slow.
    guard let end = name.utf8.lastIndex(of: UInt8(ascii: ".")),
      let start = name.utf8[..<end].lastIndex(of: UInt8(ascii: ".")),
      current[String(name[name.utf8.index(after: start)..<end])] != nil
    else { return name }
    var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 4, parts[parts.count - 4] == "attentions",
      ["weight", "bias"].contains(parts[parts.count - 1]),
      let replacement = current[parts[parts.count - 2]]
    else { return name }
    parts[parts.count - 2] = replacement
    return parts.joined(separator: ".")
  }
}

extension Collection where Element: Comparable {
  /// Its smallest elements in order: a sort of all takes longer where there are many.
  fileprivate func smallest(_ count: Int) -> [Element] {
    var found: [Element] = []
    for element in self {
      if found.count == count, let last = found.last, element >= last { continue }
      found.insert(element, at: found.firstIndex { element < $0 } ?? found.endIndex)
      if found.count > count { found.removeLast() }
    }
    return found
  }
}
