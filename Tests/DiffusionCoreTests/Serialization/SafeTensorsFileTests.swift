import DiffusionCore
import TestSupport
import Testing

@Suite struct SafeTensorsFileTests {
  private static let folder = "\(Fixtures.folder)/serialization"

  @Test(arguments: ["float32", "float16", "bfloat16"])
  func readsEachTypeToTheBit(_ name: String) throws {
    let file = try SafeTensorsFile(opening: "\(Self.folder)/types.safetensors")
    let expected = try Tensor<Float>(npyFile: "\(Self.folder)/types-\(name).npy")
    #expect(expected.count == 60)
    #expect(file.tensors[name]?.shape == expected.shape)
    #expect(try file.floats(name).map(\.bitPattern) == expected.scalars.map(\.bitPattern))
  }

  @Test func readsScalarsAndEmptyTensors() throws {
    let file = try SafeTensorsFile(opening: "\(Self.folder)/types.safetensors")
    #expect(file.tensors["scalar"]?.shape == [])
    #expect(try file.floats("scalar") == [-2.5])
    #expect(file.tensors["empty"]?.shape == [0, 3])
    #expect(try file.floats("empty") == [])
  }

  /// A header is read in one go where it is plain, and as any JSON otherwise.
  @Test(arguments: [
    (":", ":"), (":", ": "), (",", ", "), ("{", "{ "), ("]", " ]"), ("}}", "}}  "),
    ("{\"a", "{\"__metadata__\":{\"format\":\"pt\",\"n\":\"\u{E9}\"},\"a"), ("{\"a", "{\"__metadata__\":{},\"a"),
    ("\"dtype\":\"F32\",\"shape\":[1]", "\"shape\":[1],\"dtype\":\"F32\""),
    ("\"a0\"", "\"\\u00610\""),
    // Not plain.
    (",", ",\n"), ("\"dtype\"", "\"d\\u0074ype\""),
    ("{\"a", "{\"__metadata__\":{\"a\":null},\"a"),
  ])
  func readsHeadersHoweverTheyAreWritten(_ old: String, _ new: String) throws {
    let scratch = try ScratchFolder(), names = (0..<100).map { "a\($0)" }
    let plain = SafeTensorsBytes.zeros(names)
    let header = String(decoding: plain.dropFirst(8).dropLast(400), as: UTF8.self)
    let other = header.replacing(old, with: new)
    let bytes = SafeTensorsBytes.file(header: other, dataCount: 400)
    let expected = try SafeTensorsFile(opening: scratch.write(plain, "plain.safetensors")).tensors
    let found = try SafeTensorsFile(opening: scratch.write(bytes, "other.safetensors")).tensors
    #expect(other != header || old == new)
    #expect(expected.count == 100 && found == expected)
  }

  /// The data of a file whose header has an odd length are at odd addresses.
  @Test func readsDataAtAnyAlignment() throws {
    let scratch = try ScratchFolder()
    let values: [Float] = [1, -2, 3.5]
    for name in ["a", "ab", "abc", "abcd"] {
      let path = try scratch.write(SafeTensorsBytes.float32(name, values, shape: [3]), "\(name).safetensors")
      #expect(try SafeTensorsFile(opening: path).floats(name) == values)
    }
  }

  @Test(arguments: [
    (Float.nan, "a NaN"), (Float.signalingNaN, "a NaN"), (.infinity, "an infinity"), (-.infinity, "an infinity"),
  ])
  func refusesWeightsThatAreNotFinite(_ value: Float, _ what: String) throws {
    let scratch = try ScratchFolder()
    let path = try scratch.write(SafeTensorsBytes.float32("w", [1, 2, value, 4], shape: [4]), "x.safetensors")
    let error = DiffusionError(
      .badData, "\(path): tensor w holds \(what) at element 2; every weight must be finite")
    #expect(throws: error) { try SafeTensorsFile(opening: path).floats("w") }
  }

  /// An overflow in a conversion to binary16 leaves an infinity, which must be refused too.
  @Test(arguments: [
    ("F16", [0x00, 0x7C] as [UInt8]), ("F16", [0x01, 0xFE]), ("BF16", [0x80, 0x7F]), ("BF16", [0xC0, 0xFF]),
  ])
  func refusesNarrowWeightsThatAreNotFinite(_ dtype: String, _ element: [UInt8]) throws {
    let scratch = try ScratchFolder()
    let header = #"{"w":{"dtype":"\#(dtype)","shape":[2],"data_offsets":[0,4]}}"#
    let path = try scratch.write(SafeTensorsBytes.file(header: header, data: [0, 0] + element), "x.safetensors")
    let error = try #require(throws: DiffusionError.self) { try SafeTensorsFile(opening: path).floats("w") }
    #expect(error.message.hasPrefix("\(path): tensor w holds "))
    #expect(error.message.hasSuffix(" at element 1; every weight must be finite"))
  }

  /// Names may contain the characters of a header's syntax.
  @Test func readsNamesWithEscapes() throws {
    let scratch = try ScratchFolder()
    let header = #"{"__metadata__":{"a":"{:\""},"a\"{:":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#
    let path = try scratch.write(SafeTensorsBytes.file(header: header, dataCount: 4), "x.safetensors")
    #expect(try SafeTensorsFile(opening: path).floats("a\"{:") == [0])
  }

  @Test func theMappingOutlivesTheFileName() throws {
    let scratch = try ScratchFolder()
    let path = try scratch.write(SafeTensorsBytes.float32("w", [7], shape: [1]), "x.safetensors")
    let file = try SafeTensorsFile(opening: path)
    try AtomicFile.write([], to: path)
    #expect(try file.floats("w") == [7])
  }
}
