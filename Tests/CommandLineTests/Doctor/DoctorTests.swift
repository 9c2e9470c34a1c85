import CommandLineKit
import DemoModel
import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing

@Suite("The doctor") struct DoctorTests {
  private static let cpuinfo = """
    processor\t: 0
    model name\t: A Processor 3000
    flags\t\t: fpu sse2 avx2 fma avx512f

    processor\t: 1
    flags\t\t: fpu
    """

  private func report(
    files: [String: String] = [:], environment: [String: String] = [:], term: String? = "xterm", isKnown: Bool = true,
    unicode: Bool = true, isLocaleInstalled: Bool = true, hashes: [String: String] = DemoModel.sha256
  ) throws -> (isWell: Bool, json: [String: Any], table: String) {
    let survey = TerminalSurvey(
      term: term, isKnown: isKnown, inputIsTerminal: true, outputIsTerminal: true, size: Size(columns: 90, rows: 30),
      locale: "C", unicode: unicode, color: ColorTier.choose(flag: nil, environment: [:], terminfoColors: 8),
      isInsideTmux: false, isLocaleInstalled: isLocaleInstalled)
    let doctor = Doctor(
      environment: ["HOME": "/tmp", "XDG_CONFIG_HOME": "/c"].merging(environment) { $1 },
      files: FakeFiles(files).system,
      survey: { _ in survey }, cpuinfo: Self.cpuinfo, threads: 3,
      sources: ModelReference.builtInNames.map(DemoModel.source(named:)), expectedHashes: hashes)
    let report = doctor.report()
    let json = try #require(try JSONSerialization.jsonObject(with: Data(try report.json().text.utf8)) as? [String: Any])
    return (report.isWell, json, report.table.text)
  }

  @Test("reports the facts") func facts() throws {
    let (isWell, json, table) = try report()
    #expect(isWell)
    #expect(json["ok"] as? Bool == true)
    #expect(json["engine_version"] as? String == EngineVersion.current)
    let processor = try #require(json["processor"] as? [String: Any])
    #expect(processor["model"] as? String == "A Processor 3000")
    #expect(processor["features"] as? [String] == ["avx2", "fma", "avx512f"])
    #expect(processor["missing_features"] as? [String] == ["avx512vl", "avx512dq", "avx512bw"])
    let devices = try #require(json["devices"] as? [[String: Any]])
    let further = Device.installed.map(\.description).filter { !Device.names.contains($0) }
    #expect(devices.map { $0["name"] as? String } == Device.names + further)
    let demonstration = devices.first { $0["name"] as? String == "cpu:reassociated" }
    #expect((demonstration?["detail"] as? String)?.hasPrefix("a demonstration: sums in another order") == true)
    for device in devices.drop(while: { $0["name"] as? String != "opencl" }) {
      let name = try #require(device["name"] as? String), detail = device["detail"] as? String ?? ""
      let hardware = Device.installed.first { $0.description == name }?.hardware
      #expect(device["available"] as? Bool == (hardware != nil))
      #expect(hardware == nil ? detail.hasPrefix("device '\(name)' is unavailable: ") : detail == hardware)
    }
    for word in ["/c/diffusion-tui/config.toml", "90x30", "8 (TERM= has 8 colors)", "half-block"] {
      #expect(table.contains(word), "\(table)")
    }
  }

  @Test("reports what a renderer lacks") func renderers() throws {
    #expect(try report(unicode: false).table.contains("no: needs Unicode"))
  }

  @Test("tells a locale that is not installed from one that has no UTF-8") func locale() throws {
    let missing = try report(unicode: false, isLocaleInstalled: false)
    #expect(missing.table.contains("C (not installed on this system: ASCII)"))
    #expect((missing.json["terminal"] as? [String: Any])?["locale_installed"] as? Bool == false)
    #expect(try report(unicode: false).table.contains("C (not UTF-8)"))
    let replaced = try report(isLocaleInstalled: false).table
    #expect(replaced.contains("C (not installed on this system: C.UTF-8 in its place)"))
  }

  @Test(
    "uses C.UTF-8 in place of a UTF-8 locale that is not installed",
    arguments: [
      ("xx_YY.UTF-8", "C.UTF-8 in its place", "yes"), ("xx_YY.utf8@euro", "C.UTF-8 in its place", "yes"),
      ("UTF-8", "C.UTF-8 in its place", "yes"), ("xx_YY.ISO-8859-1", "ASCII", "no"), ("xx_YY", "ASCII", "no"),
    ])
  func substitute(locale: String, words: String, halfBlocks: String) throws {
    let environment = ["LC_ALL": locale, "TERM": "xterm", "NO_COLOR": ""]
    let printed = try Program.run(["doctor"], environment: environment).output
    #expect(printed.contains("\(locale) (not installed on this system: \(words))"))
    #expect(printed.contains(try Regex("half-block +\(halfBlocks)")))
  }

  @Test("is not well where something is wrong") func sick() throws {
    let cases = [
      (try report(files: ["/c/diffusion-tui/config.toml": "[keys\n"]), "config.toml: line 1"),
      (try report(files: ["/c/diffusion-tui/themes/x.toml": "name = 3"]), "x.toml"),
      (try report(files: ["/tmp/.local/state/diffusion-tui/session.json": "{"]), "session.json"),
      (try report(environment: ["DIFFUSION_ISA": "sse"]), "DIFFUSION_ISA"),
      (try report(isKnown: false), "TERM='xterm'"),
      (try report(term: nil), "TERM is not set"), (try report(hashes: [:]), "expected none"),
    ]
    for (found, word) in cases {
      #expect(!found.isWell)
      #expect(found.json["ok"] as? Bool == false)
      #expect(found.table.contains(/FAILED: .*/.ignoresCase()) && found.table.contains(word), "\(found.table)")
    }
  }

  @Test("names every theme that is broken") func themes() throws {
    let names = ["a", "b", "c"]
    let found = try report(
      files: Dictionary(uniqueKeysWithValues: names.map { ("/c/diffusion-tui/themes/\($0).toml", "name = 3") }))
    #expect(names.allSatisfy { found.table.contains("themes/\($0).toml") }, "\(found.table)")
  }

  @Test("works without a terminal, and reports by its status") func program() throws {
    let well = try Program.run(["doctor"])
    #expect(well.status == 0)
    #expect(well.error == "")
    #expect(well.output.contains("no terminal"))
    let sick = try Program.run(["doctor", "--json"], environment: ["DIFFUSION_ISA": "sse"])
    #expect(sick.status == 1)
    #expect(sick.error == "")
    let json = try #require(try JSONSerialization.jsonObject(with: Data(sick.output.utf8)) as? [String: Any])
    #expect(json["ok"] as? Bool == false)
  }
}
