import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import Testing

@Suite struct TextTests {
  @Test(arguments: [
    (1491.1711, 4, "1491.1711"), (0.5, 0, "0"), (1.5, 0, "2"), (-0.00001, 4, "0.0000"), (-2.25, 1, "-2.2"),
    (0.05, 3, "0.050"), (.infinity, 2, "inf"), (-.infinity, 2, "-inf"), (-.nan, 2, "nan"), (1e300, 4, "1e+300"),
  ])
  func fixedDecimals(value: Double, digits: Int, expected: String) {
    #expect(FixedDecimal.text(value, digits: digits) == expected)
  }

  @Test(arguments: [
    (1.5, 9, "1.500000"), (-12345.678, 9, "-12345.68"), (123456789.5, 9, "123456790"), (12345678901, 9, "1.235e10"),
    (-3e38, 9, "-3e+38"), (.nan, 9, "nan"), (99.9999996, 9, "100.00000"),
  ])
  func decimalsFit(value: Double, columns: Int, expected: String) {
    #expect(FixedDecimal.text(value, digits: 6, columns: columns) == expected)
  }

  @Test func columnsAreAligned() {
    var table = TextTable([("layer", .left), ("n", .right)])
    table.append(["conv_in", "12"])
    table.append(["x", ""])
    #expect(table.text.text == "layer     n\nconv_in  12\nx\n")
  }

  @Test func columnsOfTheWorldAreAligned() {
    var table = TextTable([("名前", .left), ("n", .right), ("path", .left)])
    table.append(["モデル", "12", "e\u{301}"])
    table.append(["نموذج\u{1B}[31m\n", "7", "z"])
    func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
    #expect(
      table.text.text.split(separator: "\n") == [
        "名前\(spaces(10))n  path", "モデル\(spaces(7))12  e\u{301}", "نموذج\u{FFFD}[31m\u{FFFD}\(spaces(3))7  z",
      ])
  }

  @Test func jsonKeepsWhatCannotBePrinted() throws {
    let name = "a\u{1B}\u{9B}\u{202E}\u{2028}\u{7F}\u{10EEEE}\n界"
    let text = try JSONReport.text([name]).text
    #expect(text.unicodeScalars.allSatisfy { $0.isPrintable || $0 == "\n" })
    #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String] == [name])
  }

  @Test func numbersRoundTripAndNaNIsText() throws {
    let text = try JSONReport.text(["a": [0.1, Double.nan, .infinity, -.infinity, .leastNonzeroMagnitude]]).text
    #expect(text.filter { !$0.isWhitespace } == #"{"a":[0.1,"nan","inf","-inf",5e-324]}"#)
  }

  @Test func floatsKeepTheirFewestDigits() throws {
    #expect(try JSONReport.text([Float(0.1)]).text.filter { !$0.isWhitespace } == "[0.1]")
  }

  @Test func configurationsAreListedInDiffusersNames() {
    struct Config {
      enum Kind: String { case fancy = "fancy_kind" }
      var blockOutChannels = [32, 64]
      var normEps: Float = 1e-6
      var attentionHeadDim: Int?
      var given: Int? = 3
      var kind = Kind.fancy
      var addAttention = true
      var eosTokenID = 2
    }
    let expected: [String: SettingValue] = [
      "block_out_channels": .list([.integer(32), .integer(64)]), "norm_eps": .number(1e-6), "attention_head_dim": .null,
      "given": .integer(3), "kind": .text("fancy_kind"), "add_attention": .bool(true), "eos_token_id": .integer(2),
    ]
    #expect(ConfigListing.values(of: Config()) == expected)
  }

  @Test func valuesOfManyWordsGoOnBelow() {
    let words = Array(repeating: "lorem ipsum", count: 12).joined(separator: " ")
    let path = "/" + String(repeating: "p", count: 90)
    let text = TextTable(facts: [("prompt", words), ("model", path), ("seed", "3")], columns: 80).text.text
    let lines = text.split(separator: "\n")
    #expect(lines.count == 4 && lines[1].hasPrefix("        "), "\(text)")
    #expect(lines.allSatisfy { $0.count <= 80 || $0.hasSuffix("  " + path) } && lines[3] == "seed    3", "\(text)")
    #expect(lines[0...1].joined(separator: " ").split(separator: " ").dropFirst().joined(separator: " ") == words)
  }

  @Test func inspectAddsItsLayersUp() throws {
    let report = try InspectReport(
      model: "m", unet: ["in_channels": .integer(3)], scheduler: DDIMScheduler(),
      layers: [
        LayerReport(name: "a", kind: "Conv2d", outputShape: [3, 2, 2], parameters: 10, flops: 1_000_000),
        LayerReport(name: "b", kind: "Linear", outputShape: [7], parameters: 5, flops: 500_000),
      ])
    #expect(report.table.text.contains("parameters  15\n"))
    #expect(report.table.text.contains("a      Conv2d   3x2x2          10   1.00\n"))
    #expect(try report.json().text.contains(#""memory_bytes" : 60"#))
    #expect(try report.json().text.contains(#""flops_per_step" : 1500000"#))
  }

  @Test func inspectHasTheBeginningOfLongLists() throws {
    let betas = [Double](repeating: 0.01, count: 1000)
    var config = DDIMSchedulerConfig()
    (config.trainedBetas, config.numTrainTimesteps) = (betas, 1000)
    let report = try InspectReport(model: "m", unet: [:], scheduler: DDIMScheduler(config: config), layers: [])
    #expect(report.table.text.contains("0.01, 0.01, ... (1000 values)\n"))
    #expect(try report.json().text.ranges(of: "0.01").count >= 1000)
  }

  @Test func inspectMarksSchedulersThatAreNotMadeForTheModel() throws {
    let network = InspectReport.Network(component: "unet", className: "UNet2DModel", config: [:], layers: [])
    let report = InspectReport(
      model: "m", network: network, scheduler: try DDIMScheduler(),
      choices: InspectReport.Choice.all(unsuited: ["edm-euler": "tells the model something else"]))
    let lines = report.table.text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines.contains("ddim the model's own"))
    #expect(lines.contains("euler EulerDiscreteScheduler"))
    #expect(lines.contains("edm-euler not made for it: tells the model something else"))
    #expect(try report.json().text.contains(#""unsuited" : "tells the model something else""#))
    #expect(SchedulerClass.all.allSatisfy { name in lines.contains { $0.hasPrefix("\(name.shortName) ") } })
  }
}
