import CommandLineKit
import DiffusionCore
import Foundation
import Testing

/// Merges of receipts by several makers.
@Suite struct SweepMakerTests {
  private let scene: SweepScene

  init() throws {
    scene = try SweepScene()
    let result = try scene.sweep("a")
    try #require(result.status == 0, "\(result.error)")
  }

  @Test("two receipts of a cell with other bits are refused, with both files and both makers")
  func contradiction() throws {
    try FileManager.default.copyItem(atPath: scene.path("a"), toPath: scene.path("b"))
    try scene.rewrite("b", 3, engine: "0", isOther: true)
    let merged = try scene.merge("a", "b")
    #expect(merged.status == 65 && merged.output == "", "\(merged.output)")
    let (one, two) = (scene.file("a", 3), scene.file("b", 3))
    #expect(merged.error.contains("\(two): contradicts \(one): the images are "), "\(merged.error)")
    #expect(merged.error.contains("it was made by node7: cpu, ") && merged.error.contains("; engine 0, version "))
    #expect(merged.error.contains(", the other one by "))
    #expect(merged.error.contains("; engine \(EngineVersion.current), version "))
    #expect(!FileManager.default.fileExists(atPath: scene.path("merged/table.csv")))
  }

  @Test("a demonstration's receipts are merged with a warning, and contradict those of others")
  func demonstration() throws {
    let made = try scene.sweep("b", "--device", "cpu:reassociated", "--threads", "2")
    try #require(made.status == 0, "\(made.error)")
    let merged = try scene.merge("b")
    #expect(merged.status == 0 && merged.output.contains(": cpu:reassociated (demonstration), "), "\(merged.output)")
    let warning = "6 receipts were made by cpu:reassociated, a demonstration outside of the numerics contract ("
    #expect(merged.error.contains(warning) && merged.error.hasSuffix("the bits are not the engine's\n"))
    let both = try scene.merge("a", "b")
    #expect(both.status == 65 && both.error.contains("contradicts") && both.error.contains("(demonstration)"))
    #expect(try scene.merge("a").error == "")
  }

  @Test("receipts of several engines are merged with a warning if they are equal") func engines() throws {
    try scene.rewrite("a", 3, engine: "0")
    let merged = try scene.merge("a")
    #expect(merged.status == 0 && merged.output.contains("made by node7: cpu, "), "\(merged.output)")
    #expect(
      merged.error.contains("the receipts were made by versions 0, \(EngineVersion.current) of the engine: the bits"),
      "\(merged.error)")
  }
}
