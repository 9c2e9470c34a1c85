import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("The plain mode") struct PlainSessionTests {
  private static func session() throws -> PlainSession {
    let state = State(
      size: Size(columns: 80, rows: 24), capabilities: TerminalCapabilities(colorTier: .mono, unicode: false),
      run: RunRequest(settings: RunSettings(seeds: [3], steps: 5, threads: 1)))
    var session = PlainSession(
      player: SnapshotPlayer(state: state, engine: FakeEngine(controls: FakeEngine.Controls()), drawSeed: { 7 }))
    _ = try session.start()
    return session
  }

  private func answers(_ lines: String...) throws -> [String] {
    var session = try Self.session()
    return try lines.flatMap { try session.answer($0) }
  }

  @Test("says where it is after every step") func steps() throws {
    let lines = try answers("step", "step 2", "back", "end", "start")
    #expect(
      lines.filter { $0.hasPrefix("Step") }.map { $0.prefix { $0 != "." } } == [
        "Step 1 of 5, timestep 4", "Step 3 of 5, timestep 2", "Step 2 of 5, timestep 3", "Step 5 of 5, timestep 0",
        "Step 0 of 5, the noise before timestep 4",
      ])
    #expect(lines.contains { $0.hasPrefix("The image is finished: its absolute sum is 1") })
  }

  @Test("gives the statistics and the hash in words") func statistics() throws {
    let text = try answers("step 3", "stats", "hash").joined(separator: "\n")
    for words in [
      "The sample x_t, 1 by 1 by 1 by 1, float32.", "Mean 3.000000, standard deviation 0.000000.",
      "From 3.000000 to 3.000000.",
      "100.00 percent of the values are at or beyond -1 and 1.", "0 values are NaN and 0 infinite.",
    ] { #expect(text.contains(words), "\(text)") }
    #expect(text.matches(of: /SHA-256 [0-9a-f]{64}\./).count == 2)
  }

  @Test("shows a picture on request") func picture() throws {
    #expect(try answers("step", "show").suffix(2) == ["The sample x_t, 1 by 1 pixels.", "@@"])
    #expect(try answers("view predicted", "show").last == "The predicted original comes with the first step.")
  }

  @Test("an error is one line and does not end the session") func mistakes() throws {
    let lines = try answers("stp", "step 0", "theme dark", "seed", "seed x", "device cuda", "step")
    #expect(lines.dropLast().count { $0.hasPrefix("Error: ") } == 6)
    #expect(lines[0].contains("did you mean step?"))
    #expect(lines[2].contains("needs the explorer's screen"))
    #expect(lines[3].contains("-2^63"))
    #expect(lines.last?.hasPrefix("Step 1 of 5") == true)
  }

  @Test("settings restart the run") func settings() throws {
    let lines = try answers("step 2", "seed 42", "steps 3", "random")
    #expect(lines.contains { $0.contains("seed 42, steps 5") })
    #expect(lines.contains { $0.contains("seed 42, steps 3") })
    #expect(lines.contains { $0.contains("seed 7, steps 3") })
    #expect(lines.last?.hasPrefix("Step 0 of 3") == true)
  }

  @Test("a written file or a copy is reported once, not again with later answers") func news() throws {
    let lines = try answers("copy", "step", "seed 42")
    #expect(lines.count { $0 == lines.first } == 1)
    #expect(lines.dropFirst().first?.hasPrefix("Step 1 of 5") == true)
    #expect(lines.contains { $0.contains("seed 42, steps 5") })
  }

  @Test("empty lines and comments have no answer") func silence() throws {
    #expect(try answers("", "   ", "# step 2") == [])
  }

  @Test("quit ends it", arguments: ["quit", "q"]) func quit(word: String) throws {
    var session = try Self.session()
    #expect(try session.answer(word) == [])
    #expect(session.hasEnded)
  }

  @Test("help lists what can be typed, and all of it can") func help() throws {
    var session = try Self.session()
    let names = try session.answer("help").compactMap { $0.split { ": ".contains($0) }.first.map(String.init) }
    #expect(Set(["step", "seed", "stats", "show", "quit", "last-step"]).isSubset(of: Set(names)))
    for name in names where name != "quit" {
      let answer = try session.answer(name)
      #expect(answer.allSatisfy { !$0.contains("there is no command") })
    }
  }

  @Test("answers have only printable ASCII") func plain() throws {
    let lines = try answers("help", "stats", "step", "show", "stats", "settings", "schedule", "hash", "nonsense", "end")
    #expect(lines.allSatisfy { $0.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) } })
  }
}
