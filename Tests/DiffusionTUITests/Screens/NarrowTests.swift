import DiffusionTUI
import Testing

@Suite("Narrow screens") struct NarrowTests {
  private func text(_ keys: String, columns: Int, rows: Int) throws -> String {
    var engine = SmilingEngine()
    var state = Scenes.started(columns, rows, steps: 8, engine: &engine)
    for key in try KeySequence(parsing: keys).keys { engine.press(key, on: &state) }
    return FrameText(view(state)).text
  }

  @Test("help is complete at any width", arguments: [24, 30, 40, 60, 80, 110, 200])
  func help(columns: Int) throws {
    var words: Set<Substring> = []
    for pages in 0..<40 {
      let keys = "?" + String(repeating: " pagedown", count: pages)
      words.formUnion(try text(keys, columns: columns, rows: 40).split { $0.isWhitespace })
    }
    for binding in KeyMap.standard.bindings {
      let missing = binding.help.split(separator: " ").filter { !words.contains($0) }
      #expect(missing.isEmpty, "\(columns) columns: \(binding.help)")
    }
  }

  @Test("the hint for a value is shown whole or not at all", arguments: 20...80)
  func hint(columns: Int) throws {
    let line = try text("n", columns: columns, rows: 40).split(separator: "\n").last { $0.contains("steps 8") }
    let words = try #require(line).drop { $0 == " " }.split(separator: " ").dropFirst(2).joined(separator: " ")
    #expect(["", "1 to 1000", "a whole number from 1 to 1000"].contains(words))
  }

  @Test("if one channel has its number, all have", arguments: [80, 120, 200])
  func channels(columns: Int) throws {
    for rows in 5...60 {
      let text = try text("", columns: columns, rows: rows)
      guard text.contains("channel") else { continue }
      for name in ["R ", "G ", "B "] { #expect(text.contains(name), "\(columns)x\(rows)") }
    }
  }
}
