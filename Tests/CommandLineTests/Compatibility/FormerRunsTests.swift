import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The runs whose receipts and reports were written by version 0.1.0.
struct FormerRuns {
  static let folder = Fixtures.folder + "/0.1.0"
  /// The Hub id of the other model.
  static let model = "fixtures/two-levels"

  private let home: TemporaryFolder
  /// The environment in which the program finds the model.
  let environment: [String: String]

  /// Creates a Hub cache with the model.
  init() throws {
    home = try TemporaryFolder()
    let repository = home.path + "/models--fixtures--two-levels"
    for name in ["refs", "snapshots"] {
      try FileManager.default.createDirectory(atPath: "\(repository)/\(name)", withIntermediateDirectories: true)
    }
    try "0".write(toFile: repository + "/refs/main", atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(
      atPath: repository + "/snapshots/0", withDestinationPath: Fixtures.folder + "/unet/two-levels")
    environment = ["HF_HUB_CACHE": home.path]
  }

  /// The arguments of `generate` for each name.
  static func commands() throws -> [String: [String]] {
    try JSONDecoder().decode([String: [String]].self, from: try bytes("commands.json"))
  }

  static func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")) }

  static let names = [
    "one-seed", "demo-eta", "demo-weights", "seeds", "batch", "eta", "eta-one", "clipped", "cuda", "cuda-eta",
    "variation", "bfloat16", "float16", "selection", "everything",
  ]
}

@Suite("Runs of version 0.1.0")
struct FormerRunsTests {
  private let runs: FormerRuns

  init() throws { runs = try FormerRuns() }

  @Test("each has a command, a receipt and a report")
  func complete() throws {
    #expect(try Set(FormerRuns.commands().keys) == Set(FormerRuns.names))
    for kind in ["receipts", "reports"] {
      let files = try FileManager.default.contentsOfDirectory(atPath: "\(FormerRuns.folder)/\(kind)")
      #expect(Set(files) == Set(FormerRuns.names.map { $0 + ".json" }))
    }
  }

  @Test("its receipts verify as equal", arguments: FormerRuns.names)
  func verifies(name: String) throws {
    let path = "\(FormerRuns.folder)/receipts/\(name).json", receipt = try Receipt(contentsOf: path)
    let result = try Program.run(["verify", path], environment: runs.environment)
    #expect(result.status == 0 && result.error == "", "\(result.error)")
    let (steps, hash) = (receipt.result.steps.count, receipt.result.images.sha256)
    #expect(result.output == "equal: \(steps) steps, final sha256 \(hash)\n")
  }

  @Test("its receipts are written with the same bytes as they were read", arguments: FormerRuns.names)
  func receiptsKeepTheirBytes(name: String) throws {
    let receipt = try Receipt(contentsOf: "\(FormerRuns.folder)/receipts/\(name).json")
    #expect(try Data(receipt.json()) == FormerRuns.bytes("receipts/\(name).json"))
    #expect(try receipt.changedSections() == [])
  }

  /// Keys may be added, but none may be removed or change its meaning.
  @Test("generate --json prints the same, except for the seconds", arguments: FormerRuns.names)
  func prints(name: String) throws {
    let arguments = try #require(try FormerRuns.commands()[name])
    let result = try Program.run(["generate", "--json"] + arguments, environment: runs.environment)
    try #require(result.status == 0, "\(result.error)")
    let stored = try JSONValue(FormerRuns.bytes("reports/\(name).json"))
    #expect(stored.missing(in: try JSONValue(Data(result.output.utf8)), ignoring: ["seconds"]) == [])
  }

  @Test("a removed key and a changed value would be found")
  func findsWhatIsMissing() throws {
    let stored = try JSONValue(Data(#"{"a": [1, 2.5, {"b": null, "seconds": 1}], "c": "x", "d": true}"#.utf8))
    let later = try JSONValue(Data(#"{"new": 0, "a": [1, 2.5, {"b": 0, "seconds": 2}], "d": false}"#.utf8))
    #expect(stored.missing(in: stored) == [])
    #expect(
      stored.missing(in: later, ignoring: ["seconds"]).map { $0.prefix { $0 != " " } } == [".a[2].b", ".c", ".d"])
  }
}
