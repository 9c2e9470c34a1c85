/// The JSON header of a safetensors file, not yet checked against the data that follow.
struct SafeTensorsHeader {
  /// The entry of a tensor.
  struct Entry {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]
  }

  /// The key of what is no tensor.
  static let metadata = "__metadata__"

  /// The tensors by their names.
  let entries: [String: Entry]

  /// Decodes a header's JSON. The format forbids repeated keys.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names `path` and the tensor.
  init(json: [UInt8], path: String) throws {
    // An entry has seven values with a shape of four dimensions, and 100,000 entries take 54 MB.
    try JSONText.requireFewValues(json, source: "\(path): safetensors header", maximum: 800_000, bytesEach: 20)
    if let quick = Self.quickEntries(json) {
      entries = quick
      return
    }
    let source = "\(path): safetensors header"
    let document = try JSONText.parse(json, source: source)
    guard case .table(var values) = document.value else {
      throw DiffusionError(.badData, "\(source): expected a JSON object, found \(document.value)")
    }
    values[Self.metadata] = nil
    entries = try values.mapEach { name, value in try Entry(value, name: name, source: source) }
    if let key = document.repeatedKeys.first { throw DiffusionError(.badData, "\(source): \(key) occurs twice") }
  }

  /// Other files, by how they begin.
  private static let formats: [(start: [UInt8], name: String)] = [
    ([0x80, 2], "a pickle, as torch.save wrote before: convert it to safetensors"),
    ([0x1F, 0x8B], "a gzip archive: unpack it"),
    (Array("GGUF".utf8), "a GGUF file, as llama.cpp reads: take the model's safetensors"),
    ([0x89, 0x48, 0x44, 0x46], "an HDF5 file, as Keras writes: take the model's safetensors"),
    ([0x89, 0x50, 0x4E, 0x47], "a PNG picture: give the weights"),
  ]

  /// What is often found in place of a file of weights, and what to do; nil for anything else.
  static func otherFormat(of file: UnsafeRawBufferPointer) -> String? {
    if let found = formats.first(where: { file.starts(with: $0.start) }) { return found.name }
    switch StrayText(file) {
    case .zipArchive: return "a zip archive, as torch.save writes: convert it to safetensors"
    case .gitLFSPointer: return "a Git LFS pointer to the weights: fetch them with git lfs pull"
    case .webPage: return "an HTML or XML page, as a failed download leaves it: download the file again"
    case nil: break
    }
    let text = StrayText.trimmed(file.prefix(512))
    if text.starts(with: "{".utf8) || text.starts(with: "[".utf8) {
      return "a JSON text: give the weights, not a configuration or an index"
    }
    let line = text.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard text.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || StrayText.isWhiteSpace($0) }),
      let first = String(validating: line, as: UTF8.self), first.count >= 4
    else { return nil }
    return "a text that begins with '\(first.prefix(40))': download the file again"
  }

  /// The range of the header's JSON in a file.
  static func locate(in file: UnsafeRawBufferPointer, path: String) throws -> Range<Int> {
    let length = file.count < 8 ? nil : UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    if length ?? .max > UInt64(file.count), let found = otherFormat(of: file) {
      throw DiffusionError(.badData, "\(path): expected safetensors, found \(found)")
    }
    guard let length else {
      throw DiffusionError(
        .badData, "\(path): has \(file.count) bytes, but a safetensors file begins with 8 bytes of header length")
    }
    guard length <= 100_000_000 else {
      throw DiffusionError(
        .badData, "\(path): the header would be \(length) bytes long, more than the 100000000 that safetensors allows")
    }
    let end = 8 + Int(length)
    guard end <= file.count else {
      throw DiffusionError(
        .badData, "\(path): the header would be \(length) bytes long, but only \(file.count - 8) bytes follow")
    }
    guard length > 0, file[8] == UInt8(ascii: "{") else {
      throw DiffusionError(.badData, "\(path): the header is not a JSON object; is this a safetensors file?")
    }
    return 8..<end
  }
}

extension SafeTensorsHeader.Entry {
  fileprivate init(_ value: SettingValue, name: String, source: String) throws {
    func error(_ message: String) -> DiffusionError {
      DiffusionError(.badData, "\(source): \"\(name)\" \(message)")
    }
    func field(_ key: String, of values: [String: SettingValue]) throws -> SettingValue {
      guard let value = values[key] else { throw error("> \"\(key)\" is missing") }
      return value
    }
    func whole(_ key: String, of values: [String: SettingValue]) throws -> [Int] {
      guard case .list(let list) = try field(key, of: values) else { throw error("> \"\(key)\" is not an array") }
      return try list.enumerated().map { index, value in
        switch value {
        case .integer(let number):
          guard let whole = Int(exactly: number) else { throw error("has a value that cannot be read") }
          return whole
        case .number: throw error("has a value that cannot be read")
        default: throw error("> \"\(key)\" > [\(index)] is not an integer")
        }
      }
    }
    guard case .table(let values) = value else { throw error("is not an object") }
    guard case .text(let dtype) = try field("dtype", of: values) else { throw error("> \"dtype\" is not a string") }
    self.dtype = dtype
    shape = try whole("shape", of: values)
    dataOffsets = try whole("data_offsets", of: values)
  }
}

extension Dictionary where Key == String {
  /// Maps every entry. Of several errors, the first by key is thrown, so that it does not depend on the dictionary's
  /// order.
  func mapEach<Result>(_ transform: (String, Value) throws -> Result) throws -> [String: Result] {
    var results = [String: Result](minimumCapacity: count)
    do {
      for (key, value) in self { results[key] = try transform(key, value) }
    } catch {
      for (key, value) in sorted(by: { $0.key < $1.key }) { _ = try transform(key, value) }
      throw error
    }
    return results
  }
}
