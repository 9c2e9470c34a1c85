/// A file of `torch.save` that holds a dict of tensors: a zip archive, or the format of torch before version 1.6.
///
/// A pickle describes the tensors, and their elements are stored apart from it, so that they are read where they are.
/// References: torch, `serialization.py` (`_load`, `_legacy_load`).
package struct TorchFile: WeightFile {
  package let path: String
  package let tensors: [String: StoredTensor]
  package let bytes: ReadOnlyBytes
  /// Storages are anywhere in the file.
  package var dataStart: Int { 0 }

  /// The most elements that a tensor may have which repeats some of its storage, as `expand` makes it, and all of them
  /// together.
  static let maximumRepeated = (one: 1 << 20, all: 1 << 22)

  /// Opens a file.
  ///
  /// - Throws: ``DiffusionError``: `missingInput`, `inputOutput`, or `badData` that names the file and the tensor.
  package init(opening path: String) throws {
    try self.init(bytes: ReadOnlyBytes(mapping: path), path: path)
  }

  /// Reads bytes in memory.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names `path` and the tensor.
  package init(bytes: ReadOnlyBytes, path: String) throws {
    self.bytes = bytes
    self.path = path
    tensors = try bytes.withUnsafeBytes { file in
      if file.starts(with: Array("PK".utf8)) { return try Self.archive(file, path: path) }
      if TorchLegacy.begins(file) { return try TorchLegacy(file, path: path).tensors() }
      throw DiffusionError(.badData, "\(path): expected a file of torch.save, found \(Self.otherFormat(of: file))")
    }
  }

  /// Reads the dict. Where its pickle asks for what only another project has, the error says whose it is.
  fileprivate static func load(_ unpickler: inout Unpickler, _ path: String) throws -> PickleValue {
    do {
      return try unpickler.load()
    } catch {
      throw ForeignWeights(names: unpickler.names)?.error(path) ?? error
    }
  }

  /// What is often found in its place, and what to do.
  private static func otherFormat(of file: UnsafeRawBufferPointer) -> String {
    if let found = SafeTensorsHeader.otherFormat(of: file) { return found }
    if (try? SafeTensorsHeader.locate(in: file, path: "")) != nil {
      return "safetensors: give the file a name that ends in .safetensors"
    }
    return file.isEmpty ? "an empty file: fetch it again" : "neither a zip archive nor torch's format before 1.6"
  }

  /// The tensors of a zip archive: a folder with `data.pkl`, the storages in `data`, and `byteorder`.
  private static func archive(_ file: UnsafeRawBufferPointer, path: String) throws -> [String: StoredTensor] {
    let entries = try ZipArchive(file, path: path).entries
    let pickles = entries.keys.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
    guard let pickle = pickles.first, pickles.count == 1, let range = entries[pickle] else {
      throw DiffusionError(
        .badData, "\(path): a zip archive with \(pickles.count) files data.pkl: expected one, as torch.save writes it")
    }
    let folder = pickle.dropLast("data.pkl".count)
    guard entries["\(folder)constants.pkl"] == nil else {
      throw DiffusionError(
        .badData, "\(path): a TorchScript program, as torch.jit.save writes it: expected the state_dict of a model")
    }
    guard range.count <= Unpickler.maximumBytes else {
      throw DiffusionError(
        .badData, "\(path): data.pkl has \(range.count) bytes: expected at most \(Unpickler.maximumBytes)")
    }
    let order = entries["\(folder)byteorder"].map { String(decoding: file[$0].prefix(10), as: UTF8.self) } ?? "little"
    guard ["little", "big"].contains(order) else {
      throw DiffusionError(.badData, "\(path): byteorder is \(SettingValue.text(order)): expected little or big")
    }
    var unpickler = Unpickler(UnsafeRawBufferPointer(rebasing: file[range]), path: path)
    let root = try Self.load(&unpickler, path)
    var dictionary = StateDictionary(unpickler: unpickler, path: path, isBigEndian: order == "big") { storage in
      entries["\(folder)data/\(storage.key)"]
    }
    return try dictionary.tensors(of: root)
  }
}

/// The format before version 1.6: pickles of a number that marks the format, its version, the writer's machine, the
/// dict and the keys of the storages; then the storages in the order of their keys, each after its number of elements.
private struct TorchLegacy {
  /// The first pickle but for its protocol: a number of ten bytes.
  private static let magic: [UInt8] = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  /// Whether a file begins like one of this format: with a protocol, from 4 on with a frame, and the number.
  static func begins(_ file: UnsafeRawBufferPointer) -> Bool {
    guard file.count > 11, file[0] == 0x80 else { return false }
    return file.dropFirst(file[2] == 0x95 ? 11 : 2).starts(with: magic)
  }

  private let file: UnsafeRawBufferPointer
  private let path: String
  private var unpickler: Unpickler

  init(_ file: UnsafeRawBufferPointer, path: String) throws {
    (self.file, self.path) = (file, path)
    unpickler = Unpickler(file, path: path)
  }

  func tensors() throws -> [String: StoredTensor] {
    var unpickler = unpickler
    _ = try unpickler.load()
    guard case .integer(1001) = try unpickler.load() else {
      throw DiffusionError(.badData, "\(path): torch's format before 1.6 in another version than 1001: save it again")
    }
    let machine = try unpickler.load()
    if case .dictionary(let index) = machine {
      for item in unpickler.heap.dictionaries[index] where unpickler.text(item.key) == "little_endian" {
        guard case .bool(true) = item.value else {
          throw DiffusionError(
            .badData, "\(path): written on a big-endian machine: save it again with torch 1.6 or later")
        }
      }
    }
    let root = try TorchFile.load(&unpickler, path)
    let places = try places(unpickler.load(), &unpickler)
    var dictionary = StateDictionary(unpickler: unpickler, path: path, isBigEndian: false) { places[$0.key] }
    return try dictionary.tensors(of: root)
  }

  /// Where the storages are, by their keys.
  private func places(_ keys: PickleValue, _ unpickler: inout Unpickler) throws -> [String: Range<Int>] {
    var types: [String: PickleHeap.Storage] = [:], places: [String: Range<Int>] = [:]
    for storage in unpickler.heap.storages {
      if let other = types[storage.key], other.dtype != storage.dtype || other.count != storage.count {
        throw failure("storage \(storage.key) has two types")
      }
      types[storage.key] = storage
    }
    guard let keys = unpickler.elements(keys) else { throw failure("the keys of the storages are no list") }
    let bytes = ByteReader(file)
    var position = unpickler.position
    for key in keys {
      guard let key = unpickler.text(key), let storage = types[key] else {
        throw failure("there is a storage that no tensor names")
      }
      let size = storage.dtype?.byteCount ?? 1
      guard let count = bytes.uint64(position), count == storage.count,
        count <= (file.count - position - 8) / size
      else { throw failure("storage \(key) of \(storage.count) elements is cut short or of another size") }
      guard places.updateValue(position + 8..<position + 8 + count * size, forKey: key) == nil else {
        throw failure("storage \(key) is there twice")
      }
      position += 8 + count * size
    }
    return places
  }

  private func failure(_ what: String) -> DiffusionError {
    DiffusionError(.badData, "\(path): damaged file of torch.save: \(what); fetch it again")
  }
}

/// The tensors of a dict, checked against their storages.
private struct StateDictionary {
  var unpickler: Unpickler
  let path: String
  let isBigEndian: Bool
  /// Finds the bytes of a storage in the file.
  let place: (PickleHeap.Storage) -> Range<Int>?
  private var repeated = 0

  init(
    unpickler: Unpickler, path: String, isBigEndian: Bool, place: @escaping (PickleHeap.Storage) -> Range<Int>?
  ) {
    (self.unpickler, self.path, self.isBigEndian, self.place) = (unpickler, path, isBigEndian, place)
  }

  /// The tensors by their names. What else the dict holds is kept by its name.
  mutating func tensors(of root: PickleValue) throws -> [String: StoredTensor] {
    guard case .dictionary(let index) = root else {
      throw DiffusionError(.badData, "\(path): holds \(root.kind): expected a dict of tensors; save model.state_dict()")
    }
    let items = unpickler.heap.dictionaries[index]
    var tensors: [String: StoredTensor] = [:]
    for item in items {
      guard let name = unpickler.text(item.key) else {
        throw DiffusionError(.badData, "\(path): a tensor's name is \(item.key.kind): expected a text")
      }
      do {
        try unpickler.heap.charge(values: 0, records: 3 + name.utf8.count / 64)
      } catch {
        throw DiffusionError(.badData, "\(path): has too many names of tensors; save them with safetensors")
      }
      guard case .tensor(let number) = item.value else {
        tensors[name] = .noTensor
        if case .other(let other) = item.value { tensors[name]?.builder = other.builder }
        continue
      }
      tensors[name] = try tensor(unpickler.heap.tensors[number], name)
    }
    if !tensors.isEmpty, tensors.values.allSatisfy({ $0.dtype == nil }) {
      if let other = ForeignWeights(names: unpickler.names) { throw other.error(path) }
      let names = tensors.keys.sorted().prefix(4).map { SettingValue.text($0).description }.joined(separator: ", ")
      throw DiffusionError(
        .badData, "\(path): holds no tensors but \(names): expected a dict of tensors; save model.state_dict() alone")
    }
    return tensors
  }

  private mutating func tensor(_ tensor: PickleHeap.Tensor, _ name: String) throws -> StoredTensor {
    func failure(_ what: String) -> DiffusionError {
      DiffusionError(.badData, "\(path): tensor \(SettingValue.text(name)) \(what)")
    }
    let shape = try extents(tensor.shape, failure), strides = try extents(tensor.strides, failure)
    guard shape.count == strides.count, tensor.offset >= 0 else {
      throw failure("has shape \(shape), but strides \(strides) and offset \(tensor.offset)")
    }
    let storage = unpickler.heap.storages[tensor.storage], dtype = tensor.dtype, size = dtype.byteCount
    guard let count = StoredTensor.byteCount(of: shape, elementSize: 1), count <= Int.max / 16 else {
      throw failure("has shape \(shape), which overflows")
    }
    let range = try bytes(of: storage, failure)
    guard count > 0 else { return StoredTensor(dtype: dtype, shape: shape, bytes: range.lowerBound..<range.lowerBound) }
    var last = tensor.offset
    for (extent, step) in zip(shape, strides) {
      let (distance, overflow) = (extent - 1).multipliedReportingOverflow(by: step)
      let (sum, more) = last.addingReportingOverflow(distance)
      guard !overflow, !more else { throw failure("has strides \(strides), which overflow") }
      last = sum
    }
    guard last < range.count / size else {
      throw failure("of shape \(shape) ends at element \(last), but its storage has \(range.count / size)")
    }
    let elements = range.lowerBound + tensor.offset * size..<range.lowerBound + (last + 1) * size
    guard isBigEndian || !Self.isRowMajor(shape, strides) else {
      return StoredTensor(dtype: dtype, shape: shape, bytes: elements)
    }
    if count > elements.count / size {
      repeated += min(count, TorchFile.maximumRepeated.all + 1)
      guard count <= TorchFile.maximumRepeated.one, repeated <= TorchFile.maximumRepeated.all else {
        throw failure("repeats \(elements.count / size) elements as shape \(shape), which is too large; save a copy")
      }
    }
    // The stride of a single element is never walked, and may be any number.
    let walked = zip(shape, strides).map { $0 > 1 ? $1 : 0 }
    return StoredTensor(
      dtype: dtype, shape: shape, bytes: elements,
      layout: StoredTensor.Layout(strides: walked, isBigEndian: isBigEndian))
  }

  /// The bytes of a storage, which must be as many as its description says.
  private func bytes(of storage: PickleHeap.Storage, _ failure: (String) -> DiffusionError) throws -> Range<Int> {
    let key = SettingValue.text(storage.key), size = storage.dtype?.byteCount ?? 1
    guard let range = place(storage) else { throw failure("has its elements in storage \(key), which is missing") }
    guard storage.count <= Int.max / size, range.count == storage.count * size else {
      throw failure("has its elements in storage \(key) of \(storage.count) elements, but it has \(range.count) bytes")
    }
    guard let view = storage.view else { return range }
    return range.lowerBound + view.lowerBound * size..<range.lowerBound + view.upperBound * size
  }

  /// The whole numbers of a tuple, all >= 0, of at most 64 dimensions, as torch has them.
  private func extents(_ span: PickleSpan, _ failure: (String) -> DiffusionError) throws -> [Int] {
    guard span.count <= 64 else { throw failure("has \(span.count) dimensions: expected at most 64") }
    return try unpickler.heap.cells[span.range].map { value in
      guard case .integer(let extent) = value, extent >= 0 else {
        throw failure("has a shape or strides that are no whole numbers from 0")
      }
      return extent
    }
  }

  /// Whether elements follow one another in row-major order. The stride of a dimension of one element does not matter.
  private static func isRowMajor(_ shape: [Int], _ strides: [Int]) -> Bool {
    var expected = 1
    for (extent, step) in zip(shape, strides).reversed() where extent > 1 {
      guard step == expected else { return false }
      expected *= extent
    }
    return true
  }
}
