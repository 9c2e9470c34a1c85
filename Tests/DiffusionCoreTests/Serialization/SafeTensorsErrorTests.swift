import DiffusionCore
import Testing

/// Every fault that a safetensors file can have, and its one-line error.
@Suite struct SafeTensorsErrorTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let header: String
    var dataCount = 8
    let message: String
    var testDescription: String { message }
  }

  /// A tensor `a` with the given fields.
  private static func a(_ dtype: String, _ shape: String, _ offsets: String) -> String {
    #"{"a":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  /// Two F32 tensors of one element each.
  private static func ab(_ first: String, _ second: String) -> String {
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":\#(first)},"#
      + #""b":{"dtype":"F32","shape":[1],"data_offsets":\#(second)}}"#
  }

  private static let layoutCases = [
    Case(header: a("f32", "[2]", "[0,8]"), message: "tensor a has dtype f32; F64, F32, F16 and BF16 can be read"),
    Case(
      header: a("I64", "[2]", "[0,8]"),
      message: "tensor a has data_offsets [0, 8], 8 bytes, but shape [2] in I64 needs 16"),
    Case(header: a("F32", "[-2]", "[0,8]"), message: "tensor a has shape [-2], with a negative extent"),
    Case(
      header: a("F32", "[4611686018427387904,4]", "[0,8]"),
      message: "tensor a has shape [4611686018427387904, 4], which overflows"),
    Case(header: a("F32", "[2]", "[0]"), message: "tensor a has data_offsets [0], which are not a begin and an end"),
    Case(
      header: a("F32", "[2]", "[8,0]"), message: "tensor a has data_offsets [8, 0], which are not a begin and an end"),
    Case(
      header: a("F32", "[2]", "[-8,0]"),
      message: "tensor a has data_offsets [-8, 0], which are not a begin and an end"),
    Case(
      header: a("F32", "[3]", "[0,12]"),
      message: "tensor a has data_offsets [0, 12], beyond the 8 bytes of data; the file may be cut short"),
    Case(
      header: a("F32", "[3]", "[0,8]"),
      message: "tensor a has data_offsets [0, 8], 8 bytes, but shape [3] in F32 needs 12"),
    Case(
      header: a("BF16", "[2]", "[0,8]"),
      message: "tensor a has data_offsets [0, 8], 8 bytes, but shape [2] in BF16 needs 4"),
    Case(
      header: a("F32", "[4611686018427387904,0]", "[0,8]"),
      message: "tensor a has data_offsets [0, 8], 8 bytes, but shape [4611686018427387904, 0] in F32 needs 0"),
    Case(
      header: ab("[0,4]", "[2,6]"), dataCount: 6,
      message: "tensor b begins at byte 2 of the data and overlaps tensor a, which ends at 4"),
    Case(
      header: ab("[0,4]", "[0,4]"), dataCount: 4,
      message: "tensor b begins at byte 0 of the data and overlaps tensor a, which ends at 4"),
    Case(
      header: ab("[0,4]", "[6,10]"), dataCount: 10,
      message: "tensor b begins at byte 6 of the data, after a gap of 2 bytes"),
    Case(
      header: ab("[4,8]", "[8,12]"), dataCount: 12,
      message: "tensor a begins at byte 4 of the data, after a gap of 4 bytes"),
    Case(
      header: ab("[0,4]", "[4,8]"), dataCount: 9,
      message: "the last tensor ends at byte 8 of the data, but the file at byte 9"),
    Case(header: "{}", message: "the last tensor ends at byte 0 of the data, but the file at byte 8"),
  ]

  private static let headerCases = [
    Case(header: "", message: "the header is not a JSON object; is this a safetensors file?"),
    Case(header: "[1,2]", message: "the header is not a JSON object; is this a safetensors file?"),
    Case(
      header: "{\"a\":",
      message: "safetensors header: not valid JSON: line 1, column 6: expected a value, found the end"),
    Case(
      header: ab("[0,4]", "[4,8]").replacing("\"b\"", with: "\"a\""), message: "safetensors header: a occurs twice"),
    Case(
      header: ab("[0,4]", "[4,8]").replacing("\"b\"", with: #""\u0061""#),
      message: "safetensors header: a occurs twice"),
    Case(
      header: #"{"a":{"dtype":"F16","shape":[2],"dtype":"F32","data_offsets":[0,8]}}"#,
      message: "safetensors header: dtype occurs twice"),
    Case(header: "{\"a\":7}", message: "safetensors header: \"a\" is not an object"),
    Case(header: "{\"a\":{}}", message: "safetensors header: \"a\" > \"dtype\" is missing"),
    Case(
      header: #"{"a":{"dtype":"F32","shape":[2]}}"#,
      message: "safetensors header: \"a\" > \"data_offsets\" is missing"),
    Case(header: a("F32", "2", "[0,8]"), message: "safetensors header: \"a\" > \"shape\" is not an array"),
    Case(
      header: a("F32", "[2.5]", "[0,8]"),
      message: "safetensors header: \"a\" has a value that cannot be read"),
    Case(
      header: a("F32", "[99999999999999999999]", "[0,8]"),
      message: "safetensors header: \"a\" has a value that cannot be read"),
    Case(
      header: a("F32", "[\"2\"]", "[0,8]"),
      message: "safetensors header: \"a\" > \"shape\" > [0] is not an integer"),
    // What would take many times its size in memory.
    Case(
      header: "{\"a\":[" + String(repeating: "\"1\",", count: 300_001) + "1]}",
      message: "safetensors header: has 300001 commas between values: expected at most 300000"),
    Case(
      header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + String(repeating: "{},", count: 900_000) + "1]}}",
      message: "safetensors header: has 900001 commas between values: expected at most 800000"),
    // Four plain numbers take no more than another value.
    Case(
      header: "{\"a\":[" + String(repeating: "1,", count: 1_200_001) + "1]}",
      message: "safetensors header: has 1200001 commas between values: expected at most 300000"),
    Case(
      header: "{\"a\":[" + String(repeating: "1,", count: 1_000_000) + "1]}",
      message: "safetensors header: \"a\" is not an object"),
    Case(
      header: "{\"a\":7,\"__metadata__\":{\"b\":\"\\\"" + String(repeating: ",", count: 900_000) + "\"}}",
      message: "safetensors header: \"a\" is not an object"),
    Case(
      header: "{\"a\":" + String(repeating: "[", count: 100_000),
      message: "safetensors header: not valid JSON: line 1, column 100006: expected a value or ], found the end"),
  ]

  @Test(arguments: layoutCases + headerCases)
  func saysInOneLineWhatIsWrong(_ test: Case) throws {
    let scratch = try ScratchFolder()
    let path = try scratch.write(
      SafeTensorsBytes.file(header: test.header, dataCount: test.dataCount), "x.safetensors")
    #expect(throws: DiffusionError(.badData, "\(path): \(test.message)")) { try SafeTensorsFile(opening: path) }
  }

  @Test(
    arguments: [
      ([], "has 0 bytes, but a safetensors file begins with 8 bytes of header length"),
      ([1, 2, 3, 4, 5, 6, 7], "has 7 bytes, but a safetensors file begins with 8 bytes of header length"),
      ([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], "the header would be 3 bytes long, but only 2 bytes follow"),
      (
        [0x01, 0xE1, 0xF5, 0x05, 0, 0, 0, 0],
        "the header would be 100000001 bytes long, more than the 100000000 that safetensors allows"
      ),
      (
        [UInt8](repeating: 0xFF, count: 8),
        "the header would be 18446744073709551615 bytes long, more than the 100000000 that safetensors allows"
      ),
    ] as [([UInt8], String)])
  func refusesFilesThatAreNoSafetensors(_ bytes: [UInt8], _ message: String) throws {
    let scratch = try ScratchFolder()
    let path = try scratch.write(bytes, "x.safetensors")
    #expect(throws: DiffusionError(.badData, "\(path): \(message)")) { try SafeTensorsFile(opening: path) }
  }

  /// A tensor that is no weight may be there, as long as no model reads it.
  @Test(arguments: [("I64", 8), ("U8", 1), ("BOOL", 1), ("C64", 8), ("F8_E4M3", 1)])
  func refusesToReadOtherTypes(_ dtype: String, _ size: Int) throws {
    let scratch = try ScratchFolder()
    let header = Self.a(dtype, "[1]", "[0,\(size)]")
    let path = try scratch.write(SafeTensorsBytes.file(header: header, dataCount: size), "x.safetensors")
    let file = try SafeTensorsFile(opening: path)
    let message = "\(path): tensor a has dtype \(dtype); F64, F32, F16 and BF16 can be read"
    #expect(throws: DiffusionError(.badData, message)) { try file.floats("a") }
  }

  @Test(
    "names what is often found in place of weights",
    arguments: [
      ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n", "a Git LFS pointer to the weights: fetch"),
      ("<!DOCTYPE html><html></html>", "an HTML or XML page"), ("{\"metadata\": {}}", "a JSON text"),
      ("\n\n  <HTML><body>Not found</body></HTML>", "an HTML or XML page"),
      ("\u{FEFF}<!DOCTYPE html>", "an HTML or XML page"), ("\u{FEFF}\r\n{\"error\": 1}", "a JSON text"),
      ("[]\n", "a JSON text"), ("[{\"name\": \"x\"}]", "a JSON text"),
      ("Invalid username or password.", "a text that begins with 'Invalid username or password.': download"),
      ("Zugriff verweigert: 多\nline 2", "a text that begins with 'Zugriff verweigert: 多': download"),
      ("PK\u{3}\u{4}archive/data.pkl", "a zip archive, as torch.save writes: convert it to safetensors"),
      ("PK\u{5}\u{6}" + String(repeating: "\0", count: 18), "a zip archive"),
      ("GGUF\u{3}\0\0\0", "a GGUF file, as llama.cpp reads"),
    ])
  func otherFormats(text: String, found: String) throws { try expect(found, in: Array(text.utf8)) }

  @Test func namesAPickle() throws {
    try expect("a pickle, as torch.save wrote before", in: [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20])
  }

  @Test(
    arguments: [
      ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "a gzip archive: unpack it"),
      ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "an HDF5 file, as Keras writes"),
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "a PNG picture: give the weights"),
    ] as [([UInt8], String)])
  func namesOtherFiles(bytes: [UInt8], found: String) throws { try expect(found, in: bytes) }

  private func expect(_ found: String, in bytes: [UInt8]) throws {
    let scratch = try ScratchFolder()
    let path = try scratch.write(bytes, "x.safetensors")
    let error = try #require(throws: DiffusionError.self) { try SafeTensorsFile(opening: path) }
    #expect(error.kind == .badData && error.message.hasPrefix("\(path): expected safetensors, found \(found)"))
  }

  @Test func reportsAMissingFile() throws {
    let scratch = try ScratchFolder()
    let missing = "\(scratch.path)/none.safetensors"
    #expect(throws: DiffusionError(.missingInput, "\(missing): no such file")) { try SafeTensorsFile(opening: missing) }
    #expect(throws: DiffusionError(.badData, "\(scratch.path): not a regular file")) {
      try SafeTensorsFile(opening: scratch.path)
    }
  }
}
