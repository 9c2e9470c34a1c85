/// The JSON header of a safetensors file, not yet checked against the data that follow.
struct SafeTensorsHeader: Decodable {
  /// The entry of a tensor.
  struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  /// The name of a tensor as a key.
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// The tensors, sorted by name so that the first error does not depend on a dictionary's order.
  let entries: [(name: String, entry: Entry)]
  /// The number of distinct keys, including metadata.
  private let keyCount: Int

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    let keys = container.allKeys.sorted { $0.stringValue < $1.stringValue }
    keyCount = keys.count
    entries = try keys.filter { $0.stringValue != "__metadata__" }.map { key in
      do {
        return (key.stringValue, try container.decode(Entry.self, forKey: key))
      } catch let error as DecodingError {
        throw error
      } catch {
        // A number that is not an Int; Foundation does not report its position.
        throw DecodingError.dataCorrupted(.init(codingPath: [key], debugDescription: "not an Int"))
      }
    }
  }

  /// Decodes a header's JSON.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names `path` and the tensor.
  static func read(_ json: [UInt8], path: String) throws -> SafeTensorsHeader {
    let header = try JSONText.decode(SafeTensorsHeader.self, from: json, source: "\(path): safetensors header")
    let names = topLevelKeys(json)
    guard names.count == header.keyCount else {
      var seen: Set<String> = []
      let twice = names.first { !seen.insert($0).inserted } ?? "a tensor, with its name written in two ways,"
      throw DiffusionError(.badData, "\(path): safetensors header: \(twice) occurs twice")
    }
    return header
  }

  /// The keys of the outermost object as written, with escapes; a JSON decoder drops repeated keys.
  private static func topLevelKeys(_ json: [UInt8]) -> [String] {
    var keys: [String] = []
    var (depth, index) = (0, 0)
    var lastString = 0..<0
    while index < json.count {
      switch json[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ":") where depth == 1: keys.append(String(decoding: json[lastString], as: UTF8.self))
      case UInt8(ascii: "\""):
        let start = index + 1
        index = start
        while index < json.count, json[index] != UInt8(ascii: "\"") {
          index += json[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        lastString = start..<min(index, json.count)
      default: break
      }
      index += 1
    }
    return keys
  }

  /// What is often found in place of a safetensors file, and what to do; nil for anything else.
  private static func otherFormat(of file: UnsafeRawBufferPointer) -> String? {
    let formats = [
      (Array("version https://git-lfs".utf8), "a Git LFS pointer to the weights: fetch them with git lfs pull"),
      (Array("<".utf8), "an HTML or XML page, as a failed download leaves it: download the file again"),
      (Array("{".utf8), "a JSON text: give the weights, not a configuration or an index"),
      (Array("PK\u{3}\u{4}".utf8), "a zip archive, as torch.save writes: convert it to safetensors"),
      ([0x80, 2], "a pickle, as torch.save wrote before: convert it to safetensors"),
    ]
    return formats.first { file.starts(with: $0.0) }?.1
  }

  /// The range of the header's JSON in a file.
  static func locate(in file: UnsafeRawBufferPointer, path: String) throws -> Range<Int> {
    guard file.count >= 8 else {
      throw DiffusionError(
        .badData, "\(path): has \(file.count) bytes, but a safetensors file begins with 8 bytes of header length")
    }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    if length > UInt64(file.count), let found = otherFormat(of: file) {
      throw DiffusionError(.badData, "\(path): expected safetensors, found \(found)")
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

/// The location of a tensor in a safetensors file.
package struct SafeTensorsEntry: Sendable, Equatable {
  /// The type of the stored elements.
  package let dtype: SafeTensorsDType
  /// The extent of each dimension, all >= 0.
  package let shape: [Int]
  /// The range of its bytes, from the end of the header.
  package let bytes: Range<Int>
}

/// The supported element types of safetensors files, by the format's names.
package enum SafeTensorsDType: String, Sendable, CaseIterable {
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"

  /// The size of an element in bytes.
  package var byteCount: Int { self == .float32 ? 4 : 2 }
}
