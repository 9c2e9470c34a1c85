import CommandLineKit
import DiffusionCore
import Foundation
import Testing

/// The statistics of a sweep's cells are what their receipts say.
@Suite struct SweepStatisticsTests {
  private let scene: SweepScene

  init() throws {
    scene = try SweepScene(SweepScene.plan + "\n[output]\nstatistics = true\n")
    let result = try scene.sweep("a")
    try #require(result.status == 0, "\(result.error)")
  }

  private func statistics(_ name: String, _ cell: Int) throws -> String {
    try String(contentsOfFile: scene.file(name, cell, "csv"), encoding: .utf8)
  }

  @Test("a changed digit is refused by a merge and made again by another start", arguments: ["sample_l2", "sigma"])
  func changedDigit(column: String) throws {
    let before = try statistics("a", 2)
    #expect(try scene.merge("a").status == 0)
    let table = try scene.table()
    try scene.changeDigit("a", 2, column: column, step: 0)
    let path = scene.file("a", 2, "csv"), what = "\(path): its statistics are not those that the receipt names"
    let merged = try scene.merge("a", output: "refused")
    #expect(merged.status == 65 && merged.error.contains(what), "\(merged.error)")
    let again = try scene.sweep("a")
    #expect(again.status == 0 && again.output.hasSuffix("1 made, 5 found and verified\n"), "\(again.output)")
    #expect(again.error.contains("\(what): cell 2 is made again"), "\(again.error)")
    #expect(try scene.merge("a").status == 0)
    #expect(try statistics("a", 2) == before && scene.table() == table)
  }

  @Test("statistics that are cut off, empty or missing are made again") func cut() throws {
    let before = try statistics("a", 0)
    try String(before.dropLast(3)).write(toFile: scene.file("a", 0, "csv"), atomically: false, encoding: .utf8)
    try "".write(toFile: scene.file("a", 1, "csv"), atomically: false, encoding: .utf8)
    try FileManager.default.removeItem(atPath: scene.file("a", 2, "csv"))
    let again = try scene.sweep("a")
    #expect(again.output.hasSuffix("3 made, 3 found and verified\n"), "\(again.output)")
    #expect(again.error.contains("0002.csv: missing, though there is a receipt: cell 2 is made again"))
    #expect(try statistics("a", 0) == before)
  }

  @Test("receipts of former versions have no digest: they stay, agree with others, and are compared")
  func former() throws {
    #expect(try Receipt(contentsOf: scene.file("a", 0)).result.statistics != nil)
    try FileManager.default.copyItem(atPath: scene.path("a"), toPath: scene.path("old"))
    for cell in 0..<6 { try scene.rewrite("old", cell, hasStatistics: false) }
    #expect(try !String(contentsOfFile: scene.file("old", 0), encoding: .utf8).contains("statistics_sha256"))
    #expect(try scene.sweep("old").output.hasSuffix("0 made, 6 found and verified\n"))
    let merged = try scene.merge("old", "a")
    #expect(merged.status == 0 && merged.output.contains("6 of them more than once, and equal"), "\(merged.error)")
    try scene.changeDigit("old", 2, column: "model_output_abs_sum")
    try scene.changeDigit("old", 3, column: "prev_sample_max")
    let refused = try scene.merge("old")
    #expect(refused.status == 65 && refused.error.contains("0002.csv: its statistics are not"), "\(refused.error)")
    #expect(try scene.sweep("old").output.hasSuffix("2 made, 4 found and verified\n"))
  }

  @Test("without statistics a receipt has no digest of them") func none() throws {
    let scene = try SweepScene("steps = 1\n")
    #expect(try scene.sweep("a").status == 0)
    #expect(try Receipt(contentsOf: scene.file("a", 0)).result.statistics == nil)
  }
}
