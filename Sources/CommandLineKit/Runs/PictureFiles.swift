import CPNG
import DiffusionCore
import DiffusionTUI

/// Reads the pictures that runs start from: PNG files, and the program's own.
public struct PictureFiles: Sendable {
  private let demo: SourcePicture?

  /// Creates a reader.
  ///
  /// - Parameter demo: The program's own picture; nil if it has none.
  public init(demo: SourcePicture? = nil) { self.demo = demo }

  /// Reads and decodes a picture.
  ///
  /// - Throws: ``DiffusionError`` that names the file: `missingInput` if there is none, `inputOutput` if it cannot be
  ///   read, `badData` if it is no PNG, is damaged, or is larger than ``SourcePicture/maximumBytes`` once decoded.
  @Sendable
  public func open(_ reference: PictureReference) throws -> SourcePicture {
    if let path = reference.path { return try Self.read(path) }
    guard let demo else {
      throw DiffusionError(
        .missingInput, "\(reference.name): there is no such picture here; a file is ./\(reference.name)")
    }
    return demo
  }

  /// Reads what is in the folder of a sweep.
  static let readSweep: SweepReader = { watch, known in SweepFinding(watch, known: known) { try read($0) } }

  /// Reads a file.
  static func read(_ path: String) throws -> SourcePicture {
    let file = try ReadOnlyBytes(mapping: path)
    guard file.count <= SourcePicture.maximumBytes else {
      throw DiffusionError(
        .badData, "\(path): a picture of \(file.count) bytes: expected at most \(SourcePicture.maximumBytes)")
    }
    return try file.withUnsafeBytes { try decode($0, path) }
  }

  /// The size of a picture, by its header alone.
  ///
  /// - Throws: As ``open(_:)``.
  static func size(of path: String) throws -> (width: Int, height: Int) {
    let file = try ReadOnlyBytes(mapping: path)
    return try file.withUnsafeBytes { bytes in
      var header = Header()
      try header.read(bytes, into: nil, path)
      return (Int(header.width), Int(header.height))
    }
  }

  private static func decode(_ bytes: UnsafeRawBufferPointer, _ path: String) throws -> SourcePicture {
    guard bytes.starts(with: signature) else { throw notPNG(bytes, path) }
    var header = Header()
    try header.read(bytes, into: nil, path)
    let size = "\(header.width)x\(header.height)"
    guard max(header.width, header.height) <= UInt32(SourcePicture.maximumSide) else {
      throw DiffusionError(
        .badData,
        "\(path): \(size) pixels: expected at most \(SourcePicture.maximumSide) across and down; make the picture "
          + "smaller")
    }
    // Multiplied as 64 bits: both are below 2^31.
    let samples = Int(header.width) * Int(header.height), channels = Int(header.channels)
    let pixel = channels * (header.bits == 16 ? 2 : 1)
    guard samples <= SourcePicture.maximumBytes / max(1, pixel) else {
      throw DiffusionError(
        .badData,
        "\(path): \(size) pixels of \(pixel) bytes: expected at most \(SourcePicture.maximumBytes) bytes; "
          + "make the picture smaller")
    }
    try requireMemory(samples * pixel, "\(path): \(size) pixels")
    let record = PictureRecord(name: path, sha256: ContentHash.sha256(bytes))
    let decoded: SourcePicture.Samples
    if header.bits == 16 {
      var pixels = [UInt16](repeating: 0, count: samples * channels)
      try pixels.withUnsafeMutableBytes { try header.read(bytes, into: $0, path) }
      decoded = .bits16(pixels)
    } else {
      var pixels = [UInt8](repeating: 0, count: samples * channels)
      try pixels.withUnsafeMutableBytes { try header.read(bytes, into: $0, path) }
      decoded = .bits8(pixels)
    }
    return try SourcePicture(
      record: record, width: Int(header.width), height: Int(header.height), channels: channels, samples: decoded)
  }

  /// Refuses a picture that there is no memory for. Small ones are not asked about, since a sweep reads thousands.
  private static func requireMemory(_ bytes: Int, _ subject: String) throws {
    guard bytes > 1 << 24 else { return }
    try MemoryBudget.current().require(bytes, for: subject, remedy: "make the picture smaller, or free memory")
  }

  /// What libpng reads of a file.
  private struct Header {
    var width: UInt32 = 0, height: UInt32 = 0, channels: UInt32 = 0, bits: UInt32 = 0

    /// Reads the header, and the pixels if there is a buffer for them.
    mutating func read(
      _ file: UnsafeRawBufferPointer, into pixels: UnsafeMutableRawBufferPointer?, _ path: String
    ) throws {
      var message = [CChar](repeating: 0, count: 64)
      let status = cpng_read(
        file.baseAddress, file.count, pixels?.baseAddress, pixels?.count ?? 0, &width, &height, &channels, &bits,
        &message)
      guard status != 0 else { return }
      let reason = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw DiffusionError(.badData, "\(path): damaged as a PNG file: \(reason); get the picture again")
    }
  }

  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The error for a file that is no PNG, with what to do.
  private static func notPNG(_ bytes: UnsafeRawBufferPointer, _ path: String) -> DiffusionError {
    let isDrawing = String(decoding: bytes.prefix(512), as: UTF8.self).contains("<svg")
    switch StrayText(bytes) {
    case .gitLFSPointer:
      return DiffusionError(.badData, "\(path): a Git LFS pointer to the picture: fetch it with git lfs pull")
    case .webPage where !isDrawing:
      return DiffusionError(.badData, "\(path): a web page, as a failed download leaves it: download the picture again")
    case .webPage, .zipArchive, nil: break
    }
    let found = kind(of: bytes).map { "\($0), " } ?? ""
    return DiffusionError(.badData, "\(path): \(found)not a PNG file: convert the picture to PNG")
  }

  /// What a file is that is no PNG, by its first bytes; nil if they say nothing.
  private static func kind(of bytes: UnsafeRawBufferPointer) -> String? {
    let kinds: [(name: String, start: [UInt8])] = [
      ("a JPEG file", [0xFF, 0xD8, 0xFF]), ("a GIF file", Array("GIF8".utf8)),
      ("a WebP or RIFF file", Array("RIFF".utf8)),
      ("a BMP file", Array("BM".utf8)), ("a TIFF file", Array("II*\0".utf8)), ("a TIFF file", Array("MM\0*".utf8)),
      ("a PDF file", Array("%PDF".utf8)), ("an SVG file", Array("<".utf8)), ("JSON", Array("{".utf8)),
      ("a zip archive", Array("PK".utf8)),
    ]
    if bytes.isEmpty { return "empty" }
    return kinds.first { bytes.starts(with: $0.start) }?.name
  }
}
