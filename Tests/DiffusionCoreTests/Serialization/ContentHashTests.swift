import DiffusionCore
import TestSupport
import Testing

@Suite struct ContentHashTests {
  private static let folder = "\(Fixtures.folder)/serialization"

  /// FIPS 180-4's examples, from NIST's "Examples with Intermediate Values".
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func matchesThePublishedDigests(_ text: String, _ digest: String) {
    #expect(Array(text.utf8).withUnsafeBytes { ContentHash.sha256($0) } == digest)
  }

  @Test func digestsOfTensorsAreThoseOfNumPysBytes() throws {
    let lines = String(decoding: try FileAccess.read("\(Self.folder)/sha256.txt"), as: UTF8.self)
    let digests = lines.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(digests.count == 6)
    for line in digests {
      let path = "\(Self.folder)/\(line[0]).npy"
      let found =
        if line[0].hasSuffix("f2") {
          ContentHash.sha256(try Tensor<Float16>(npyFile: path))
        } else if line[0].hasSuffix("f8") {
          ContentHash.sha256(try Tensor<Double>(npyFile: path))
        } else {
          ContentHash.sha256(try Tensor<Float>(npyFile: path))
        }
      #expect(found == line[1], "\(line[0])")
    }
  }

  @Test func hashesFiles() throws {
    let scratch = try ScratchFolder()
    let path = try scratch.write("abc", "x")
    #expect(
      try ContentHash.sha256(contentsOf: path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(throws: DiffusionError(.missingInput, "\(path)y: no such file")) {
      try ContentHash.sha256(contentsOf: path + "y")
    }
  }
}
