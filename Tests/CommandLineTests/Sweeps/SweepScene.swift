import DiffusionCore
import Foundation
import Testing

/// Sweeps of the built program in a folder of their own: six cells, three seeds by two schedulers.
struct SweepScene {
  static let plan = """
    steps = 2
    [[axis]]
    seed = "3-5"
    [[axis]]
    scheduler = ["ddim", "euler"]
    """

  private let folder: TemporaryFolder
  /// The plan's file.
  let plan: String

  init(_ text: String = plan) throws {
    folder = try TemporaryFolder()
    plan = folder.path + "/faces.toml"
    try text.write(toFile: plan, atomically: false, encoding: .utf8)
  }

  /// The path of a sweep's folder.
  func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  /// The path of a file of a cell.
  func file(_ name: String, _ cell: Int, _ ending: String = "json") -> String {
    "\(folder.path)/\(name)/cells/00/000\(cell).\(ending)"
  }

  func sweep(_ name: String, _ arguments: String...) throws -> Program.Result {
    try Program.run(["sweep", plan, "--output", path(name)] + arguments)
  }

  func merge(_ names: String..., output: String = "merged") throws -> Program.Result {
    try Program.run(["sweep", "merge", "--output", path(output)] + names.map(path))
  }

  /// The table of the last merge.
  func table(_ output: String = "merged") throws -> String {
    try String(contentsOfFile: path(output) + "/table.csv", encoding: .utf8)
  }

  /// Replaces the receipt of a cell by another that has the right digests.
  ///
  /// - Parameters:
  ///   - engine: The version of its engine; nil for its own.
  ///   - hasStatistics: Whether the digest of the statistics stays, which former versions did not write.
  ///   - isOther: Whether its images become others.
  func rewrite(
    _ name: String, _ cell: Int, engine: String? = nil, hasStatistics: Bool = true, isOther: Bool = false
  ) throws {
    let path = file(name, cell), old = try Receipt(contentsOf: path), result = old.result
    let by = old.computedBy, shape = result.images.shape
    let grey = try Tensor<Float>(shape: shape, scalars: Array(repeating: 0.5, count: shape.reduce(1, *)))
    let computer = engine.map { engine in
      ReceiptComputer(
        old.settings.runSettings, engineVersion: engine, programVersion: by.programVersion,
        machine: ReceiptMachine(name: "node7"))
    }
    let receipt = try Receipt(
      computedBy: computer ?? by, model: old.model, scheduler: old.scheduler, settings: old.settings,
      picture: old.picture,
      result: ReceiptResult(
        initialNoise: result.initialNoise, initialSample: result.initialSample, steps: result.steps,
        images: isOther ? ReceiptResult.Images(grey, pixels: result.images.pixels) : result.images,
        statistics: hasStatistics ? result.statistics : nil))
    try Data(receipt.json()).write(to: URL(filePath: path))
  }

  /// Adds one to the last digit of a number in the statistics of a cell.
  func changeDigit(_ name: String, _ cell: Int, column: String, step: Int = 1) throws {
    let path = file(name, cell, "csv"), text = try String(contentsOfFile: path, encoding: .utf8)
    var lines = text.components(separatedBy: "\r\n").map { $0.components(separatedBy: ",") }
    let place = try #require(lines[0].firstIndex(of: column))
    let last = try #require(lines[step + 1][place].last?.wholeNumberValue)
    lines[step + 1][place] = lines[step + 1][place].dropLast() + "\((last + 5) % 10)"
    try lines.map { $0.joined(separator: ",") }.joined(separator: "\r\n")
      .write(toFile: path, atomically: false, encoding: .utf8)
  }
}
