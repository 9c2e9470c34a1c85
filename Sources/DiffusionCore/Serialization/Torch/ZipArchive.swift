/// The entries of a zip archive that stores them as they are, as `torch.save` writes it, with fields of 64 bits.
///
/// Reference: PKWARE's APPNOTE.TXT. The archive is read from the directory at its end; each entry's own header has to
/// agree with it. Nothing is inflated, so an archive never becomes larger than its file.
struct ZipArchive {
  /// The largest number of entries. A model has one for each of its tensors.
  static let maximumEntries = 1 << 16

  /// Where the contents of each entry are in the file, by its name.
  let entries: [String: Range<Int>]

  private let path: String

  /// Reads the directory of an archive.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - path: Its name in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the entry.
  init(_ file: UnsafeRawBufferPointer, path: String) throws {
    let bytes = ByteReader(file)
    let directory = try ZipDirectory(bytes, path: path)
    var entries = [String: Range<Int>](minimumCapacity: directory.count), places: [(start: Int, end: Int)] = []
    var position = directory.range.lowerBound
    for _ in 0..<directory.count {
      let entry = try ZipEntry(bytes, at: position, directory: directory, path: path)
      position = entry.end
      guard entries.updateValue(entry.contents, forKey: entry.name) == nil else {
        throw Self.failure(path, "entry \(Self.shown(entry.name)) occurs twice")
      }
      places.append((entry.header, entry.contents.upperBound))
    }
    guard position == directory.range.upperBound else {
      throw Self.failure(path, "the directory has more than the \(directory.count) entries it says")
    }
    places.sort { $0.start < $1.start }
    for (place, next) in zip(places, places.dropFirst()) where next.start < place.end {
      throw Self.failure(path, "two entries overlap at byte \(next.start)")
    }
    (self.entries, self.path) = (entries, path)
  }

  /// An error about an archive.
  static func failure(_ path: String, _ what: String) -> DiffusionError {
    DiffusionError(.badData, "\(path): damaged zip archive: \(what); fetch the file again")
  }

  /// A name as errors show it.
  static func shown(_ name: String) -> String { SettingValue.text(name).description }
}

/// The directory at the end of an archive.
private struct ZipDirectory {
  /// The number of entries.
  let count: Int
  /// Where it is in the file.
  let range: Range<Int>

  init(_ bytes: ByteReader, path: String) throws {
    guard let end = Self.end(bytes) else {
      throw ZipArchive.failure(path, "its directory is missing: the file is cut short")
    }
    let wide = try Self.wide(bytes, before: end, path: path)
    guard wide != nil || bytes.uint16(end + 4) == 0, let entries = wide?.entries ?? bytes.uint16(end + 10),
      let size = wide?.size ?? bytes.uint32(end + 12), let start = wide?.start ?? bytes.uint32(end + 16)
    else { throw ZipArchive.failure(path, "it is a part of several") }
    guard start <= end, size <= end - start else {
      throw ZipArchive.failure(path, "its directory would be at bytes \(start) to \(start)+\(size), beyond the end")
    }
    guard entries <= ZipArchive.maximumEntries else {
      throw DiffusionError(
        .badData, "\(path): the zip archive has \(entries) entries: expected at most \(ZipArchive.maximumEntries)")
    }
    (count, range) = (entries, start..<start + size)
  }

  /// The position of the record at the end: the last one that its comment and up to 65535 bytes in all follow.
  private static func end(_ bytes: ByteReader) -> Int? {
    let last = bytes.count - 22
    guard last >= 0 else { return nil }
    return stride(from: last, through: max(0, last - 0xFFFF), by: -1).first {
      guard bytes.uint32($0) == 0x0605_4B50, let comment = bytes.uint16($0 + 20) else { return false }
      return comment <= last - $0
    }
  }

  /// The record for 64 bits; nil if there is none.
  private static func wide(
    _ bytes: ByteReader, before end: Int, path: String
  ) throws -> (entries: Int, size: Int, start: Int)? {
    guard end >= 20, bytes.uint32(end - 20) == 0x0706_4B50 else { return nil }
    guard let record = bytes.uint64(end - 12), record <= end - 20, bytes.uint32(record) == 0x0606_4B50,
      let entries = bytes.uint64(record + 32), let size = bytes.uint64(record + 40),
      let start = bytes.uint64(record + 48)
    else { throw ZipArchive.failure(path, "the record for 64 bits at its end cannot be read") }
    return (entries, size, start)
  }
}

/// An entry of the directory, checked against its own header.
private struct ZipEntry {
  let name: String
  /// Where its header begins.
  let header: Int
  /// Where its contents are.
  let contents: Range<Int>
  /// Where the next entry of the directory begins.
  let end: Int

  init(_ bytes: ByteReader, at position: Int, directory: ZipDirectory, path: String) throws {
    guard bytes.uint32(position) == 0x0201_4B50, let flags = bytes.uint16(position + 8),
      let method = bytes.uint16(position + 10), let packed = bytes.uint32(position + 20),
      let unpacked = bytes.uint32(position + 24), let nameCount = bytes.uint16(position + 28),
      let extraCount = bytes.uint16(position + 30), let commentCount = bytes.uint16(position + 32),
      let disk = bytes.uint16(position + 34), let offset = bytes.uint32(position + 42)
    else { throw ZipArchive.failure(path, "an entry of the directory at byte \(position) cannot be read") }
    let extra = position + 46 + nameCount
    end = extra + extraCount + commentCount
    guard end <= directory.range.upperBound, let nameBytes = bytes.bytes(position + 46, nameCount) else {
      throw ZipArchive.failure(path, "an entry of the directory at byte \(position) is cut short")
    }
    name = try Self.name(nameBytes, path: path)
    let shown = ZipArchive.shown(name)
    func unsupported(_ what: String) -> DiffusionError {
      DiffusionError(.badData, "\(path): entry \(shown) is \(what): expected a file as torch.save writes it")
    }
    guard flags & 0x2041 == 0 else { throw unsupported("encrypted") }
    guard method == 0 else { throw unsupported("compressed (method \(method))") }
    guard disk == 0 || disk == 0xFFFF else { throw unsupported("in another part of the archive") }
    var wide = WideFields(bytes, extra..<extra + extraCount)
    guard let unpacked = wide.value(unpacked), let packed = wide.value(packed), let offset = wide.value(offset) else {
      throw ZipArchive.failure(path, "entry \(shown) has no sizes of 64 bits")
    }
    guard packed == unpacked else { throw unsupported("stored in \(packed) bytes, but has \(unpacked)") }
    let limit = directory.range.lowerBound
    guard offset <= limit, bytes.uint32(offset) == 0x0403_4B50, bytes.uint16(offset + 8) == method,
      let ownFlags = bytes.uint16(offset + 6), ownFlags & 0x2041 == 0, let ownCount = bytes.uint16(offset + 26),
      let ownExtra = bytes.uint16(offset + 28), let ownName = bytes.bytes(offset + 30, ownCount),
      ownName.elementsEqual(nameBytes)
    else { throw ZipArchive.failure(path, "entry \(shown) and its header at byte \(offset) disagree") }
    let start = offset + 30 + ownCount + ownExtra
    guard start <= limit, packed <= limit - start else {
      throw ZipArchive.failure(path, "entry \(shown) would be at bytes \(start) to \(start)+\(packed), beyond the end")
    }
    (header, contents) = (offset, start..<start + packed)
  }

  /// A name that stays in the archive's own folder.
  private static func name(_ bytes: UnsafeRawBufferPointer, path: String) throws -> String {
    guard let name = String(validating: bytes, as: UTF8.self) else {
      throw ZipArchive.failure(path, "the name of an entry is no text in UTF-8")
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.hasPrefix("/"), !parts.contains(".."), !name.contains("\\"), !name.contains("\0") else {
      throw DiffusionError(
        .badData,
        "\(path): entry \(ZipArchive.shown(name)) leaves the archive's folder: expected a file as torch.save "
          + "writes it")
    }
    return name
  }

  /// The fields of 64 bits, for those of the entry that are too small.
  private struct WideFields {
    private let bytes: ByteReader
    private var rest: Range<Int>

    init(_ bytes: ByteReader, _ extra: Range<Int>) {
      (self.bytes, rest) = (bytes, extra.upperBound..<extra.upperBound)
      var position = extra.lowerBound
      while position + 4 <= extra.upperBound, let id = bytes.uint16(position), let count = bytes.uint16(position + 2) {
        let end = position + 4 + count
        guard end <= extra.upperBound else { return }
        if id == 1 {
          rest = position + 4..<end
          return
        }
        position = end
      }
    }

    /// A field, from the next 8 bytes if its own 4 bytes are all ones; nil if they are not there.
    mutating func value(_ field: Int) -> Int? {
      guard field == 0xFFFF_FFFF else { return field }
      guard rest.count >= 8, let value = bytes.uint64(rest.lowerBound) else { return nil }
      rest = rest.lowerBound + 8..<rest.upperBound
      return value
    }
  }
}

/// Reads numbers in little endian, each nil beyond the end.
struct ByteReader {
  private let bytes: UnsafeRawBufferPointer

  /// Creates a reader; the memory must outlive it.
  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The number of bytes.
  var count: Int { bytes.count }

  /// Some of the bytes.
  func bytes(_ position: Int, _ count: Int) -> UnsafeRawBufferPointer? {
    guard position >= 0, count >= 0, position <= bytes.count, count <= bytes.count - position else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  func uint8(_ position: Int) -> Int? { integer(position, UInt8.self) }
  func uint16(_ position: Int) -> Int? { integer(position, UInt16.self) }
  func uint32(_ position: Int) -> Int? { integer(position, UInt32.self) }
  /// Nil also if it does not fit an `Int`.
  func uint64(_ position: Int) -> Int? { integer(position, UInt64.self) }
  func int32(_ position: Int) -> Int? { integer(position, Int32.self) }

  private func integer<Value: FixedWidthInteger>(_ position: Int, _ type: Value.Type) -> Int? {
    guard position >= 0, position <= bytes.count - MemoryLayout<Value>.size else { return nil }
    return Int(exactly: Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self)))
  }
}
