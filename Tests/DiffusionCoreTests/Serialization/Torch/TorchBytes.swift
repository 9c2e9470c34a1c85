/// Builds files of `torch.save`, including invalid ones.
enum TorchBytes {
  /// An entry of a zip archive; its fields say what its headers say.
  struct Entry {
    var name: String
    var contents: [UInt8]
    var method = 0
    var flags = 0x0800
    /// The size that the headers say; nil for that of the contents.
    var size: Int?
    /// The name in the entry's own header; nil for the same.
    var ownName: String?
    /// The place of the header that the directory says; nil for its own.
    var offset: Int?
    /// Whether sizes and offset are in the extra field for 64 bits.
    var isWide = false
  }

  /// An archive as `torch.save` writes it: the pickle, and the storages by their keys.
  static func archive(
    _ pickle: [UInt8], storages: [String: [UInt8]] = [:], byteOrder: String? = "little"
  ) -> [UInt8] {
    zip(
      [Entry(name: "archive/data.pkl", contents: pickle)]
        + (byteOrder.map { [Entry(name: "archive/byteorder", contents: Array($0.utf8))] } ?? [])
        + storages.sorted { $0.key < $1.key }.map { Entry(name: "archive/data/\($0.key)", contents: $0.value) })
  }

  /// A zip archive.
  static func zip(_ entries: [Entry], hasWideEnd: Bool = false) -> [UInt8] {
    var file: [UInt8] = [], directory: [UInt8] = []
    for entry in entries {
      let name = Array(entry.name.utf8), own = Array((entry.ownName ?? entry.name).utf8)
      let size = entry.size ?? entry.contents.count, offset = entry.offset ?? file.count
      let extra = entry.isWide ? [1, 0, 24, 0] + number(size, 8) + number(size, 8) + number(offset, 8) : []
      let sizes = entry.isWide ? [UInt8](repeating: 0xFF, count: 8) : number(size, 4) + number(size, 4)
      let common = number(entry.flags, 2) + number(entry.method, 2) + [UInt8](repeating: 0, count: 8) + sizes
      file += [0x50, 0x4B, 3, 4, 20, 0] + common + number(own.count, 2) + [0, 0] + own + entry.contents
      directory += [0x50, 0x4B, 1, 2, 20, 0, 20, 0] + common + number(name.count, 2) + number(extra.count, 2)
      directory += [UInt8](repeating: 0, count: 10) + (entry.isWide ? number(0xFFFF_FFFF, 4) : number(offset, 4))
      directory += name + extra
    }
    let start = file.count, count = entries.count
    file += directory
    if hasWideEnd {
      let record = file.count
      file += [0x50, 0x4B, 6, 6] + number(44, 8) + [45, 0, 45, 0] + [UInt8](repeating: 0, count: 8)
      file += number(count, 8) + number(count, 8) + number(directory.count, 8) + number(start, 8)
      file += [0x50, 0x4B, 6, 7] + number(0, 4) + number(record, 8) + number(1, 4)
    }
    let ends = hasWideEnd ? [UInt8](repeating: 0xFF, count: 12) : []
    file += [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
    file +=
      hasWideEnd
      ? ends : number(count, 2) + number(count, 2) + number(directory.count, 4) + number(start, 4)
    return file + [0, 0]
  }

  /// A file of the format before torch 1.6: the dict, the keys and the storages.
  static func legacy(_ pickle: [UInt8], keys: [String], storages: [(count: Int, contents: [UInt8])]) -> [UInt8] {
    let list = [0x80, 2, UInt8(ascii: "]"), UInt8(ascii: "(")] + keys.flatMap(text) + Array("e.".utf8)
    return start + [0x80, 2] + Array("}.".utf8) + pickle + list
      + storages.flatMap { number($0.count, 8) + $0.contents }
  }

  /// How a file of the format before torch 1.6 begins.
  static let start: [UInt8] =
    [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
    + [0x80, 2, 0x4D, 0xE9, 3, 0x2E]

  /// A pickle of a dict with one item.
  static func dictionary(_ name: String, _ value: [UInt8]) -> [UInt8] {
    [0x80, 2] + Array("}".utf8) + text(name) + value + Array("s.".utf8)
  }

  /// The operations that build a tensor of float32 in storage `0`.
  static func tensor(
    offset: Int = 0, shape: [Int], strides: [Int], key: String = "0", count: Int, type: String = "FloatStorage",
    view: [UInt8]? = nil
  ) -> [UInt8] {
    let storage = text("storage") + global("torch", type) + text(key) + text("cpu") + whole(count)
    return global("torch._utils", "_rebuild_tensor_v2") + Array("((".utf8) + storage + (view ?? [])
      + Array("tQ".utf8) + whole(offset) + tuple(shape) + tuple(strides) + [0x89]
      + global("collections", "OrderedDict") + Array(")RtR".utf8)
  }

  /// A text (`BINUNICODE`).
  static func text(_ text: String) -> [UInt8] { [0x58] + number(text.utf8.count, 4) + Array(text.utf8) }

  /// A global (`GLOBAL`).
  static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

  /// A whole number (`LONG1`).
  static func whole(_ value: Int) -> [UInt8] { [0x8A, 8] + number(value, 8) }

  /// A tuple of whole numbers.
  static func tuple(_ values: [Int]) -> [UInt8] { Array("(".utf8) + values.flatMap(whole) + Array("t".utf8) }

  /// A number in little endian.
  static func number(_ value: Int, _ size: Int) -> [UInt8] {
    withUnsafeBytes(of: Int64(value).littleEndian) { Array($0.prefix(size)) }
  }
}
