import Foundation

/// The file of committed hashes.
struct GoldenHashes: Codable {
  /// How to record the file.
  private(set) var regenerate = "RECORD_GOLDEN=1 swift test -c release --filter GoldenHashTests"
  /// The version of the engine that the hashes were recorded with.
  let engine: String
  /// The hash of each run, by its arguments of `generate`.
  let hashes: [String: String]

  init(engine: String, hashes: [String: String]) {
    self.engine = engine
    self.hashes = hashes
  }

  init(contentsOf path: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try (encoder.encode(self) + Data("\n".utf8)).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
