import DiffusionCore
import FoundationEssentials

/// The committed fixtures.
public enum Fixtures {
  /// The folder `Tests/Fixtures` of the source tree.
  public static let folder: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(2)
    return parts.joined(separator: "/") + "/Fixtures"
  }()
}

/// The tensors of a safetensors fixture, read without the engine's reader, so that an error cannot hide in both.
public struct TensorFile: Sendable {
  /// An error in reading a fixture.
  public struct Trouble: Error, CustomStringConvertible {
    /// The file and what is wrong with it.
    public let description: String
  }

  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  private let path: String
  private let entries: [String: Entry]
  private let body: [UInt8]

  /// Every tensor's name, sorted.
  public var names: [String] { entries.keys.sorted() }

  /// Reads a file, by its path in the folder of fixtures.
  ///
  /// - Throws: An error if it is missing, or its header is invalid.
  public init(_ path: String) throws {
    self.path = path
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.folder + "/" + path)))
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    entries = try JSONDecoder().decode([String: Entry].self, from: Data(bytes[8..<8 + length]))
    body = [UInt8](bytes[(8 + length)...])
  }

  /// A binary32 tensor.
  ///
  /// - Throws: An error if there is none of that name and type.
  public func floats(_ name: String) throws -> Tensor<Float> {
    let (shape, words) = try words(name, "F32", UInt32.self)
    return try Tensor(shape: shape, scalars: words.map(Float.init(bitPattern:)))
  }

  /// A binary64 tensor.
  ///
  /// - Throws: An error if there is none of that name and type.
  public func doubles(_ name: String) throws -> Tensor<Double> {
    let (shape, words) = try words(name, "F64", UInt64.self)
    return try Tensor(shape: shape, scalars: words.map(Double.init(bitPattern:)))
  }

  /// A tensor of bytes: its shape and its elements.
  ///
  /// - Throws: An error if there is none of that name and type.
  public func bytes(_ name: String) throws -> (shape: [Int], bytes: [UInt8]) {
    try words(name, "U8", UInt8.self)
  }

  /// A tensor of one whole number.
  ///
  /// - Throws: An error if there is none of that name and type.
  public func int(_ name: String) throws -> Int {
    let (_, words) = try words(name, "I64", UInt64.self)
    guard words.count == 1 else { throw Trouble(description: "\(path): \(name) is not one number") }
    return Int(Int64(bitPattern: words[0]))
  }

  private func words<Word: FixedWidthInteger>(
    _ name: String, _ dtype: String, _ type: Word.Type
  ) throws -> ([Int], [Word]) {
    guard let entry = entries[name], entry.dtype == dtype else {
      throw Trouble(description: "\(path): no \(dtype) tensor \(name)")
    }
    let bytes = Array(body[entry.dataOffsets[0]..<entry.dataOffsets[1]])
    let words = bytes.withUnsafeBytes { raw in
      stride(from: 0, to: bytes.count, by: MemoryLayout<Word>.size).map {
        Word(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: Word.self))
      }
    }
    return (entry.shape, words)
  }
}
