import CommandLineKit
import DiffusionCore
import Testing

/// Plans of sweeps as people write them.
@Suite struct SweepPlanFileTests {
  private func plan(_ text: String) throws -> SweepPlan { try SweepPlanFile(text: text, path: "p.toml").plan }

  private func message(_ text: String) -> String {
    do {
      return "no error: \(try plan(text).count)"
    } catch {
      return "\(error)"
    }
  }

  @Test("constants, ranges, lists and settings that vary together arrive")
  func everything() throws {
    let found = try plan(
      """
      steps = 4
      scheduler-options = { use_karras_sigmas = true }

      [[axis]]
      seed = "0-99"

      [[axis]]
      scheduler = ["euler", "heun"]
      eta = [0, 0.5]

      [output]
      images = false
      statistics = true
      """)
    #expect(found.count == 200)
    #expect(found.axes.map(\.name) == ["seed", "eta, scheduler"])
    #expect(found.output.images == false && found.output.statistics)
    let run = try found.request(of: 199, base: RunRequest(settings: RunSettings(threads: 1)))
    #expect(run.settings.seeds == [99] && run.settings.scheduler == "heun" && run.settings.eta == 0.5)
    #expect(run.settings.steps == 4 && run.settings.schedulerOptions == ["use_karras_sigmas": .bool(true)])
  }

  @Test("a plan without axes is one cell")
  func one() throws { #expect(try plan("seed = 3").count == 1) }

  @Test(
    "wrong plans are refused in one line that names the file",
    arguments: [
      ("seed = ", "line 1"), ("axis = 3", "expected a table for each side"), ("[[axis]]", "axis 1: expected a setting"),
      ("[[axis]]\nseed = 3", "axis 1: seed: 3 is no axis"),
      ("[[axis]]\nsed = [1]", "sed is unknown: did you mean seed?"),
      ("output = 1", "expected [output]"), ("[output]\nimages = 1", "expected images or statistics"),
      ("[output]\nfilms = true", "expected images or statistics"),
      ("[[axis]]\nseed = \"0-999999\"\n[[axis]]\nsteps = \"0-999999\"", "the grid has 1000000000000 cells"),
      ("[[axis]]\neta = []", "axis 1: eta: [] is no axis"),
    ])
  func refused(text: String, part: String) {
    let found = message(text)
    #expect(found.hasPrefix("p.toml: ") && found.contains(part) && !found.contains("\n"), "\(found)")
  }
}
