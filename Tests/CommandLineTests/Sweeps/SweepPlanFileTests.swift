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

  @Test("cells that differ in a seed alone are checked once, and their runs are those of every cell checked alone")
  func twins() throws {
    let axes = [
      "[[axis]]\nseeds = [3, 4, [5, 6], -1e30, \"x\", 7]\n", "[[axis]]\nscheduler = [\"ddim\", \"euler\"]\n",
      "[[axis]]\nseeds = [1, 2]\neta = [0, 1]\n", "[[axis]]\nsteps = [2, 3]\n",
    ]
    for text in [axes[0] + axes[1], axes[1] + axes[0] + axes[3], axes[2] + axes[3], axes[3], "steps = 4\n" + axes[0]] {
      let folder = SweepFolder(path: "/none", plan: try plan(text))
      let request = SweepRequest(folder: folder, base: RunRequest(settings: RunSettings(threads: 1)))
      var runs = SweepRuns(request)
      for cell in folder.plan.cells {
        let (found, expected) = (Result { try runs.run(of: cell) }, Result { try request.run(of: cell) })
        switch (found, expected) {
        case (.success(let found), .success(let expected)): #expect(found == expected, "\(text), cell \(cell)")
        default: #expect("\(found)" == "\(expected)", "\(text), cell \(cell)")
        }
      }
    }
  }

  @Test("a plan has branches as tables")
  func branches() throws {
    let plan = try plan("steps = 4\n[[axis]]\nbranches = [[], [{ at = 2, eta = 1 }]]")
    let runs = try (0..<2).map { try plan.request(of: $0, base: RunRequest(settings: RunSettings(threads: 1))) }
    #expect(runs.map(\.settings.branches) == [[], [RunBranch(step: 2, changes: ["eta": .integer(1)])]])
  }

  @Test(
    "a branch as options have it is refused with what files have",
    arguments: ["branches = \"2,eta=1\"", "[[axis]]\nbranches = [[\"2,eta=1\"]]", "branches = [{ eta = 1 }]"])
  func branchesOfOptions(text: String) throws {
    let plan = try plan("steps = 4\n" + text)
    let error = try #require(throws: DiffusionError.self) {
      try plan.request(of: 0, base: RunRequest(settings: RunSettings(threads: 1)))
    }
    #expect(error.message.contains("expected tables with a step from 1"), "\(error.message)")
    #expect(error.message.contains("[{ at = 20, eta = 1 }]") && !error.message.contains("20,eta=1"))
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
      ("batch-size = 1\nbatch_size = 2", "batch-size and batch_size are one setting"),
      ("[[axis]]\nbatch-size = [1]\nbatch_size = [2]", "batch-size is given twice"),
      ("model = \"demo\\u0000more\"", "line 1, column 14: expected text without \\u0000"),
      ("\"se\\U00000000ed\" = 3", "line 1, column 4: expected text without \\u0000"),
      ("prompt = \"\"\"\na\\u0000\"\"\"", "line 2, column 2: expected text without \\u0000"),
    ])
  func refused(text: String, part: String) {
    let found = message(text)
    #expect(found.hasPrefix("p.toml: ") && found.contains(part) && !found.contains("\n"), "\(found)")
  }

  @Test("errors quote the beginning and the end of what is long, whether it is a key, a value or a cell's title")
  func long() throws {
    let long = String(repeating: "x", count: 1_000_000)
    let key = message("\"\(long)\" = 1")
    #expect(key.hasPrefix("p.toml: xxx") && key.contains("xxx is unknown: expected ") && key.utf8.count < 4096)
    for axis in ["scheduler = [\"\(long)\", \"b\"]", "prompt = [\"\(long)\", \"b\"]\neta = [7, 8]"] {
      let plan = try plan("[[axis]]\n" + axis)
      let error = #expect(throws: DiffusionError.self) {
        try plan.request(of: 0, base: RunRequest(settings: RunSettings(threads: 1)))
      }
      let message = error?.message ?? ""
      #expect(message.hasPrefix("cell 0 (") && message.contains("expected ") && message.utf8.count < 4096)
    }
  }
}
