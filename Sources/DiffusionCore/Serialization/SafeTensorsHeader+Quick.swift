extension SafeTensorsHeader {
  /// The tensors of a header in the plain form that every known writer uses; nil for anything else, faulty or not.
  ///
  /// A model may have 100,000 tensors. Read straight from the bytes, they take a tenth of the time that a tree of JSON
  /// values does, and the tree remains for what is unusual.
  static func quickEntries(_ json: [UInt8]) -> [String: Entry]? {
    json.withUnsafeBufferPointer { bytes in
      var reader = QuickReader(bytes: bytes)
      return reader.header()
    }
  }

  /// Reads texts, and numbers without signs, points or exponents.
  private struct QuickReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func header() -> [String: Entry]? {
      // An entry has about 100 bytes.
      var entries = [String: Entry](minimumCapacity: bytes.count / 100), hasMetadata = false
      guard skip("{") else { return nil }
      repeat {
        guard let name = text(), skip(":") else { return nil }
        if name == SafeTensorsHeader.metadata {
          guard !hasMetadata, skipMetadata() else { return nil }
          hasMetadata = true
        } else {
          guard let entry = entry(), entries.updateValue(entry, forKey: name) == nil else { return nil }
        }
      } while skip(",")
      return skip("}") && bytes[index...].allSatisfy { $0 == UInt8(ascii: " ") } ? entries : nil
    }

    private mutating func entry() -> Entry? {
      var dtype: String?, shape: [Int]?, offsets: [Int]?
      guard skip("{") else { return nil }
      repeat {
        guard let key = text(), skip(":") else { return nil }
        switch key {
        case "dtype" where dtype == nil: dtype = text()
        case "shape" where shape == nil: shape = numbers()
        case "data_offsets" where offsets == nil: offsets = numbers()
        default: return nil
        }
      } while skip(",")
      guard skip("}"), let dtype, let shape, let offsets else { return nil }
      return Entry(dtype: dtype, shape: shape, dataOffsets: offsets)
    }

    /// Skips an object of texts.
    private mutating func skipMetadata() -> Bool {
      guard skip("{") else { return false }
      if skip("}") { return true }
      repeat {
        guard text() != nil, skip(":"), text() != nil else { return false }
      } while skip(",")
      return skip("}")
    }

    private mutating func numbers() -> [Int]? {
      guard skip("[") else { return nil }
      if skip("]") { return [] }
      var numbers: [Int] = []
      repeat {
        guard let number = number() else { return nil }
        numbers.append(number)
      } while skip(",")
      return skip("]") ? numbers : nil
    }

    private mutating func number() -> Int? {
      skipSpace()
      let start = index
      var number = 0
      while index < bytes.count, case let digit = bytes[index] &- UInt8(ascii: "0"), digit < 10 {
        number = number &* 10 &+ Int(digit)
        index += 1
      }
      // 18 digits fit every Int.
      let isPlain = index - start <= 18 && index > start && (bytes[start] != UInt8(ascii: "0") || index == start + 1)
      return isPlain ? number : nil
    }

    private mutating func text() -> String? {
      guard skip("\"") else { return nil }
      let start = index
      var isPlain = true
      while index < bytes.count, case let byte = bytes[index], byte != UInt8(ascii: "\"") {
        let isEscape = byte == UInt8(ascii: "\\")
        isPlain = isPlain && byte >= 0x20 && byte < 0x7F && !isEscape
        index += isEscape ? 2 : 1
      }
      guard index < bytes.count else { return nil }
      index += 1
      let text = UnsafeBufferPointer(rebasing: bytes[start..<(index - 1)])
      if isPlain { return String(decoding: text, as: UTF8.self) }
      let quote = [UInt8(ascii: "\"")]
      guard case .text(let text)? = try? JSONText.parse(quote + text + quote, source: "").value else { return nil }
      return text
    }

    private mutating func skipSpace() {
      while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
    }

    /// Skips space and a character; false, without the character, if another one is there.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
      skipSpace()
      guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
      index += 1
      return true
    }
  }
}
