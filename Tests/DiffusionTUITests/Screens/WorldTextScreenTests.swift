import DiffusionCore
import DiffusionTUI
import Testing

/// Names, typed text and lessons in many scripts, cut and aligned by columns.
@Suite("Screens with text in many scripts") struct WorldTextScreenTests {
  private static let sizes = [(80, 24), (100, 30), (200, 60)].map { Size(columns: $0, rows: $1) }
  private static let models = [
    "モデル/絵文字の拡散モデル", "نماذج/نموذج", "modèles/cafe\u{301}-\u{1F43C}\u{1F468}\u{200D}\u{1F467}",
    "a\u{1B}]0;title\u{7}\u{202E}b\u{9B}31m\nc",
  ]

  /// The same state in Unicode and in ASCII; each row is as wide as the screen.
  private func check(_ state: State, _ name: String) throws {
    let frames = [(ColorTier.trueColor, true), (.mono, false)].map { tier, unicode in
      let capabilities = TerminalCapabilities(colorTier: tier, unicode: unicode, reason: "test")
      let frame = view(state, size: state.size, capabilities: capabilities, theme: state.theme)
      return (tier: tier, isUnicode: unicode, frame: frame)
    }
    for (_, isUnicode, frame) in frames {
      #expect((0..<frame.size.rows).allSatisfy { frame.text(row: $0).columns == frame.size.columns })
      #expect(StateInvariants.brokenHalves(of: frame) == nil)
      if !isUnicode { #expect(frame.cells.allSatisfy { $0.character.isASCII }) }
    }
    try Golden.check(frames, "world-\(name)-\(state.size.columns)x\(state.size.rows)")
  }

  private func state(_ models: [String], _ size: Size, _ engine: inout SmilingEngine) -> State {
    let runs = models.map {
      RunRequest(model: ModelReference($0), settings: RunSettings(seeds: [3], steps: 4, threads: 2))
    }
    return Scenes.comparing(runs, size.columns, size.rows, engine: &engine)
  }

  @Test("one model", arguments: sizes) func oneModel(size: Size) throws {
    for (index, model) in Self.models.enumerated() {
      var engine = SmilingEngine()
      try check(state([model], size, &engine), "model-\(index + 1)")
    }
  }

  @Test("several models", arguments: sizes) func models(size: Size) throws {
    var engine = SmilingEngine()
    var state = state(Self.models, size, &engine)
    engine.press(.right, on: &state)
    try check(state, "models")
  }

  @Test("the end of a long name is visible while it is typed", arguments: sizes) func typing(size: Size) throws {
    var engine = SmilingEngine()
    var state = state(Self.models, size, &engine)
    engine.press(.character("O"), on: &state)
    engine.carryOut(reduce(&state, .paste(String(repeating: "とても長い名前/", count: 16) + "e\u{301}終")), on: &state)
    try check(state, "typing")
    let text = FrameText(view(state)).text
    #expect(text.contains("とても長い名前/e\u{301}終"))
    engine.press(.backspace, .backspace, on: &state)
    // A letter is deleted with its accent.
    let lines = FrameText(view(state)).text.split(separator: "\n")
    #expect(lines.contains { $0.contains("とても長い名前/ ") || $0.hasSuffix("とても長い名前/") })
  }

  @Test("the palette, its list and its messages", arguments: sizes) func palette(size: Size) throws {
    var engine = SmilingEngine()
    var state = state(Self.models, size, &engine)
    engine.press(.character(":"), on: &state)
    engine.carryOut(reduce(&state, .paste("model ")), on: &state)
    try check(state, "palette")
    engine.carryOut(reduce(&state, .paste("見つからない\u{1B}[31m/モデル")), on: &state)
    engine.press(.enter, on: &state)
    try check(state, "palette-typed")
  }

  private static let lesson = """
    title = "ノイズから絵へ"
    summary = "同じ種から始まる二つの実行を比べます。"

    [[runs]]
    seed = 1
    steps = 4

    [[runs]]
    seed = 1
    steps = 4
    eta = 1

    [[steps]]
    text = \"\"\"
    二つの実行は同じ種（seed 1）から始まります。はじめのノイズは
    一ビットも違いません。違うのは eta だけで、左は「0」、右は「1」です。

    右矢印を押すと、両方が一歩ずつ進みます。
    \"\"\"
    keys = ["right"]
    checks = [{ position = 0 }, { same-noise = [1, 2] }]

    [[steps]]
    text = "ここから絵が分かれます。"
    checks = [{ position = 1 }]

    """

  @Test("a lesson in Japanese, and its line in the list", arguments: sizes) func lesson(size: Size) throws {
    var engine = SmilingEngine()
    var state = Scenes.after(2, size.columns, size.rows, steps: 6, engine: &engine)
    state.lessonFiles = ["test": Self.lesson]
    engine.press(.character("L"), on: &state)
    try check(state, "lessons")
    engine.press(.enter, on: &state)
    try check(state, "lesson")
    #expect(FrameText(view(state)).text.filter { !" │\n".contains($0) }.contains("はじめのノイズは一ビットも"))
  }
}
