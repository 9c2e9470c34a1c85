import CommandLineKit
import DiffusionCore
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Pictures in files")
struct PictureFilesTests {
  private struct Fixture: Decodable, Sendable {
    struct Place: Decodable, Sendable {
      let offset, count: Int
    }
    struct Sample: Decodable, Sendable {
      let shape: [Int]
      let image: Place
    }
    struct Picture: Decodable, Sendable {
      let name: String
      let width, height: Int
      let samples: [Sample]
    }
    let pictures: [Picture]
  }

  private static let fixtures = Fixtures.folder + "/pictures/"

  private static func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: fixtures + name))
  }

  private func open(_ path: String) throws -> SourcePicture { try PictureFiles().open(PictureReference(path)) }

  @Test("of every colour type, depth and order of rows become the exact means of their areas")
  func everyKind() throws {
    let index = try JSONDecoder().decode(Fixture.self, from: Self.bytes("index.json"))
    let arrays = try Self.bytes("arrays.bin")
    #expect(index.pictures.count > 20)
    for picture in index.pictures {
      let path = Self.fixtures + picture.name + ".png", read = try open(path)
      #expect(read.width == picture.width && read.height == picture.height, "\(picture.name)")
      #expect(try read.record == PictureRecord(name: path, sha256: ContentHash.sha256(contentsOf: path)))
      for sample in picture.samples {
        let expected = arrays.withUnsafeBytes { buffer in
          (0..<sample.image.count).map {
            Float(bitPattern: buffer.loadUnaligned(fromByteOffset: sample.image.offset + 4 * $0, as: UInt32.self))
          }
        }
        #expect(try read.samples([1] + sample.shape).scalars == expected, "\(picture.name), \(sample.shape)")
      }
    }
  }

  private func error(_ bytes: [UInt8]) throws -> DiffusionError {
    let folder = try TemporaryFolder(), path = folder.path + "/p.png"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let error = try #require(throws: DiffusionError.self) { try open(path) }
    #expect(error.message.hasPrefix(path + ": ") && !error.message.contains("\n"))
    return error
  }

  @Test("cut anywhere, a picture is damaged", arguments: ["rgb8", "rgba8-interlaced", "palette8-alpha"])
  func truncated(name: String) throws {
    let whole = [UInt8](try Self.bytes(name + ".png"))
    for count in 8..<whole.count {
      let error = try error(Array(whole.prefix(count)))
      #expect(error.kind == .badData && error.message.contains("damaged as a PNG file: "), "\(count): \(error)")
    }
  }

  @Test("with any byte changed, a picture is refused or read, and never more")
  func changed() throws {
    let whole = [UInt8](try Self.bytes("rgba16.png"))
    let folder = try TemporaryFolder(), path = folder.path + "/p.png"
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= 0x41
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      #expect(throws: DiffusionError.self, "byte \(place)") { try open(path) }
    }
  }

  /// A file whose header, with a checksum that fits, says another size.
  private static func resized(_ width: UInt32, _ height: UInt32) throws -> [UInt8] {
    var bytes = [UInt8](try bytes("rgb8.png"))
    bytes.replaceSubrange(16..<24, with: [width, height].flatMap { withUnsafeBytes(of: $0.bigEndian) { Array($0) } })
    bytes.replaceSubrange(29..<33, with: checksum(bytes[12..<29]))
    return bytes
  }

  private static let longest = UInt32(Int32.max)

  @Test(
    "that would be enormous once decoded are refused by their header, without memory for a row",
    arguments: [(longest, longest), (longest, 1), (1, longest)] as [(UInt32, UInt32)])
  func enormous(width: UInt32, height: UInt32) throws {
    let error = try error(Self.resized(width, height))
    #expect(error.kind == .badData)
    #expect(error.message.contains("\(width)x\(height) pixels: expected at most 1000000 across and down"))
  }

  @Test("that there is no memory for are refused, with both figures") func memory() throws {
    let folder = try TemporaryFolder(), path = folder.path + "/p.png"
    for (width, height, status) in [(9000, 9000, 69), (UInt32(Int32.max), 1, 65)] as [(UInt32, UInt32, Int32)] {
      try Data(Self.resized(width, height)).write(to: URL(fileURLWithPath: path))
      let result = try Program.run(
        ["generate", "--seed", "0", "--steps", "2", "--image", path], limits: "ulimit -v 300000")
      #expect(result.status == status && !result.wasSignalled, "\(result.error)")
      #expect(status != 69 || result.error.contains("9000x9000 pixels: out of memory: needs about 243 MB"))
    }
  }

  /// The CRC of a chunk (PNG specification, annex D).
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let crc = bytes.reduce(UInt32.max) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return withUnsafeBytes(of: (~crc).bigEndian) { Array($0) }
  }

  @Test(
    "that are no PNG are named for what they are",
    arguments: [
      ([0xFF, 0xD8, 0xFF, 0xE0], "a JPEG file, "), (Array("GIF89a".utf8), "a GIF file, "), ([], "empty, "),
      (Array("<?xml version=\"1.0\"?><svg>".utf8), "an SVG file, "), ([0x89, 0x50], ""),
      (Array("PK\u{3}\u{4}".utf8), "a zip archive, "),
    ] as [([UInt8], String)])
  func otherKinds(bytes: [UInt8], name: String) throws {
    let error = try error(bytes)
    #expect(error.kind == .badData && error.message.contains(": \(name)not a PNG file: convert the picture to PNG"))
  }

  @Test("that stand in the place of a picture say what to do")
  func strays() throws {
    let pointer = try error(Array("version https://git-lfs.github.com/spec/v1\n".utf8))
    #expect(pointer.message.hasSuffix(": a Git LFS pointer to the picture: fetch it with git lfs pull"))
    let page = try error(Array("<!DOCTYPE html>".utf8))
    #expect(page.message.hasSuffix(": a web page, as a failed download leaves it: download the picture again"))
  }

  @Test("that are not there, or no files, are refused at once")
  func absent() throws {
    let folder = try TemporaryFolder()
    let missing = try #require(throws: DiffusionError.self) { try open(folder.path + "/none.png") }
    #expect(missing == DiffusionError(.missingInput, "\(folder.path)/none.png: no such file"))
    #expect(throws: DiffusionError(.badData, "\(folder.path): not a regular file")) { try open(folder.path) }
    let pipe = folder.path + "/pipe.png"
    try #require(mkfifo(pipe, 0o600) == 0)
    #expect(throws: DiffusionError(.badData, "\(pipe): not a regular file but a pipe")) { try open(pipe) }
    let unnamed = try #require(throws: DiffusionError.self) { try PictureFiles().open(.demo) }
    #expect(unnamed.kind == .missingInput && unnamed.message.contains("./demo"))
  }
}
