import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing

@Suite("Files of version 0.1.0", .serialized)
struct FormerFilesTests {
  @Test("runs.toml gives the same runs")
  func runsFile() throws {
    let model = ModelReference(FormerRuns.model)
    let settings = RunSettings(seeds: [5], steps: 4, threads: 1)
    var everything = RunSettings(
      seeds: [-5], batchSize: 3, steps: 2, eta: 0.5, device: try Device.cpu.named("cpu:portable"),
      generatorDevice: .cuda,
      multiprocessors: 108, threads: 2, useClippedModelOutput: true)
    everything.variation = NoiseVariation(seed: 7, strength: 0.25)
    everything.weights = .bfloat16
    everything.selection = NoiseSelection(call: 2, image: 2)
    everything.scheduler = "ddim"
    var large = settings
    (large.seeds, large.eta) = ([Seed(UInt64.max)], 1)
    large.variation = NoiseVariation(seed: Seed(1 << 63 as UInt64), strength: 1)
    var last = settings
    (last.seeds, last.batchSize, last.steps) = ([0], 2, 3)
    (last.device, last.weights) = (.cpuReference, .float16)

    let base = RunRequest(model: model, settings: settings)
    let runs = try RunsFile(contentsOf: FormerRuns.folder + "/runs.toml", base: base).runs
    #expect(
      runs == [
        RunRequest(model: .demo, settings: everything), base, RunRequest(model: model, settings: large),
        RunRequest(model: model, settings: last),
      ])
  }

  @Test("config.toml sets the same keys and defaults")
  func configuration() throws {
    let text = String(decoding: try FormerRuns.bytes("config.toml"), as: UTF8.self)
    let found = try ConfigurationParser(path: "config.toml").parse(text)
    var keys = KeyMap.standard
    keys.setKeys([.right, .function(5)], of: "step-forward")
    keys.setKeys([.control("t")], of: "next-theme")
    keys.setKeys([], of: "restart")
    keys.setKeys([.character("q"), .control("x")], of: "quit")
    var expected = Configuration()
    expected.keyMap = keys
    expected.appearance = Appearance(theme: "solarized", color: .tier(.palette256), renderer: .quadrant)
    expected.speed = .halfPerSecond
    expected.capturesMouse = false
    #expect(found == expected)
    #expect(found.keyMap.action(for: .character("l")) == nil)
    #expect(found.keyMap.action(for: .function(5)) == .playback(.stepForward))
  }

  @Test("the explorer resumes the session", .enabled(if: TmuxSession.absence == nil, "tmux is not installed"))
  func session() throws {
    let runs = try FormerRuns()
    let terminal = try TmuxSession(columns: 120, rows: 40)
    let folder = terminal.folder + "/state/diffusion-tui"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FormerRuns.bytes("session.json").write(to: URL(fileURLWithPath: folder + "/session.json"))
    try terminal.run("clear; \(TmuxSession.program)")
    let demo = try terminal.waitFor("step 1/2")
    #expect(demo.contains("seed 3") && demo.contains("light"))
    try terminal.send("q")
    try terminal.waitForShell()

    let cache = try #require(runs.environment["HF_HUB_CACHE"])
    try terminal.run("clear; HF_HUB_CACHE=\(cache) \(TmuxSession.program) \(FormerRuns.model)")
    let gallery = try terminal.wait(for: "the gallery") { $0.contains("6 of 6") && $0.contains("step 4/4") }
    #expect(gallery.contains("seeds 40 to 45") && gallery.contains("2 marked") && gallery.contains("seed 42"))
    try terminal.send("Escape")
    try terminal.waitFor("x_t after step 3")
    // From the three tensors of one run to all four runs, then out of the zoom.
    try terminal.send("T")
    try wait(
      terminal, for: ["1  seed -5  ddpm-emoji-32", "seed 5  two-levels  2/4", "seed 0  two-levels  1/3", "(5, 5)"])
    try terminal.send("Escape")
    try wait(terminal, for: ["run 3/4", "step 3/4", "unlinked", "1 step/s", "sextant", "light"])
    try terminal.send("q")
    try terminal.waitForShell()
    let saved = try String(contentsOfFile: folder + "/session.json", encoding: .utf8)
    #expect(saved.contains("\"call\" : 2") && saved.contains("\"image\" : 2"))
  }

  private func wait(_ terminal: TmuxSession, for parts: [String]) throws {
    try terminal.wait(for: "\(parts)") { screen in parts.allSatisfy(screen.contains) }
  }
}
