import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Prompts") struct PromptTests {
  var engine = SmilingEngine()

  init() { engine.useLatents() }

  private mutating func started(_ prompts: [String] = ["pizza"], steps: Int = 4, _ columns: Int = 100) -> State {
    Scenes.prompted(prompts, steps: steps, columns, 30, engine: &engine)
  }

  private mutating func type(_ text: String, on state: inout State) {
    for character in text { engine.press(.character(character), on: &state) }
  }

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  /// The line on which a setting is edited.
  private func line(_ state: State) -> Substring {
    text(state).split(separator: "\n").last { $0.contains("prompt ") && !$0.contains("Enter") } ?? ""
  }

  @Test("i edits the prompt and Enter restarts the run with it; Esc leaves it") mutating func edited() {
    var state = started()
    engine.press(.right, .right, .character("i"), on: &state)
    type("red  heart", on: &state)
    engine.press(.escape, on: &state)
    #expect(state.settings.prompts == ["pizza"] && state.position == 2)
    engine.press(.character("i"), on: &state)
    type("red  heart", on: &state)
    engine.press(.enter, on: &state)
    #expect(state.settings.prompts == ["red  heart"] && state.position == 0)
    #expect(state.settings.seeds == [42])
    engine.press(.character("U"), on: &state)
    #expect(state.settings.prompts == ["pizza"])
    #expect(state.news == "undone: prompt is \"pizza\", not \"red  heart\"")
    engine.press(.control("r"), on: &state)
    #expect(state.settings.prompts == ["red  heart"])
  }

  @Test("the cursor moves within a prompt, and what is pasted is one edit on one line") mutating func cursor() {
    var state = started(["a cat"])
    engine.press(.character("i"), .left, .left, .left, on: &state)
    type("fat ", on: &state)
    #expect(state.editor?.text == "a fat cat")
    engine.press(.home, .delete, .end, .backspace, on: &state)
    #expect(state.editor?.text == " fat ca")
    engine.press(.control("u"), on: &state)
    engine.carryOut(reduce(&state, .paste("two\nlines,\ta 👨‍👩‍👧 and 界\u{301}")), on: &state)
    #expect(state.editor?.text == "two lines, a 👨‍👩‍👧 and 界\u{301}")
    engine.press(.left, .backspace, on: &state)
    #expect(state.editor?.text == "two lines, a 👨‍👩‍👧 and界\u{301}")
    engine.press(.character("\u{302}"), .right, .character("!"), .enter, on: &state)
    #expect(state.settings.prompts == ["two lines, a 👨‍👩‍👧 and\u{302}界\u{301}!"])
  }

  @Test("a long prompt scrolls within its line, around the cursor", arguments: [20, 40, 80])
  mutating func scrolls(columns: Int) {
    var state = started(["first " + String(repeating: "界 word ", count: 60) + "last"], columns)
    engine.press(.character("i"), on: &state)
    #expect(line(state).contains("last") && !line(state).contains("first"))
    engine.press(.home, on: &state)
    #expect(line(state).contains("prompt first") && !line(state).contains("last"))
    for _ in 0..<100 {
      engine.press(.right, on: &state)
      #expect(StateInvariants.brokenHalves(of: view(state)) == nil)
    }
    engine.carryOut(reduce(&state, .paste(String(repeating: "x", count: 100_000))), on: &state)
    #expect(state.editor.map { $0.text.unicodeScalars.count } == 100_000)
  }

  @Test("up and down go through the session's prompts, and back to what was typed") mutating func history() {
    var state = started()
    for prompt in ["red heart", "cat", "red heart"] {
      engine.press(.character("i"), on: &state)
      type(prompt, on: &state)
      engine.press(.enter, on: &state)
    }
    #expect(state.promptHistory.prompts == ["pizza", "cat", "red heart"])
    engine.press(.character("i"), .up, on: &state)
    #expect(state.editor?.text == "cat")
    engine.press(.up, .up, .up, on: &state)
    #expect(state.editor?.text == "pizza")
    type("!", on: &state)
    engine.press(.down, .down, .down, on: &state)
    #expect(state.editor?.text == "red heart")
    engine.press(.up, .up, .enter, on: &state)
    #expect(state.settings.prompts == ["pizza!"])
  }

  @Test("the session keeps the prompts") mutating func session() throws {
    var state = started()
    engine.press(.character("i"), on: &state)
    type("cat", on: &state)
    engine.press(.enter, on: &state)
    let saved = state.savedSession()
    #expect(saved.prompts == ["pizza", "cat"])
    var other = started(["dog"])
    engine.carryOut(try other.resume(saved, keepsTheme: false, keepsRenderer: false), on: &other)
    #expect(other.promptHistory.prompts == ["dog", "pizza", "cat"] && other.settings.prompts == ["cat"])
  }

  @Test(
    "a model without a prompt says so", arguments: ["i", "N", "W", ":prompt cat", ":guidance 3", ":negative-prompt x"])
  func promptless(keys: String) {
    var engine = SmilingEngine()
    var state = Scenes.after(2, 100, 30, steps: 4, engine: &engine)
    for character in keys { engine.press(.character(character), on: &state) }
    if keys.count > 1 { engine.press(.enter, on: &state) }
    #expect(state.notice?.contains("ddpm-emoji-32 takes no") == true, "\(state.notice ?? "")")
    #expect(state.notice?.contains("press O for a model that does") == true)
    #expect(state.editor == nil && state.position == 2 && state.settings.prompts == [])
  }

  @Test("N and W edit the negative prompt and the guidance; the palette does too") mutating func others() {
    var state = started(["pizza"], 160)
    engine.press(.character("N"), on: &state)
    type("red wine", on: &state)
    engine.press(.enter, .character("W"), on: &state)
    type("7.5", on: &state)
    engine.press(.enter, on: &state)
    #expect(state.settings.negativePrompt == "red wine" && state.settings.guidanceScale == 7.5)
    #expect(text(state).contains("guidance 7.5") && text(state).contains("not \"red wine\""))
    for command in ["prompt blue cat", "guidance 2", "negative-prompt dog"] {
      type(":" + command, on: &state)
      engine.press(.enter, on: &state)
    }
    #expect(state.settings.prompts == ["blue cat"] && state.settings.guidanceScale == 2)
    #expect(state.settings.negativePrompt == "dog")
  }

  @Test("the prompt page has the tokens, and what fell off the end") mutating func tokens() {
    engine.promptTokens = 8
    var state = started(["a picture of pizza and of wonderful things"], 200)
    #expect(state.notice?.contains("longer than the 8 tokens") == true, "\(state.notice ?? "")")
    #expect(state.notice?.contains("and of wonderful things") == true)
    engine.press(.character("P"), on: &state)
    #expect(state.inspection.page == .prompt)
    #expect(text(state).contains("prompt: 8/8 tokens"))
    #expect(text(state).contains("a pict|ure of pizz|a"))
    #expect(text(state).contains("fell off the end, 7 tokens: and of wonderful things"))
    engine.press(.character("i"), on: &state)
    type("cat", on: &state)
    engine.press(.enter, on: &state)
    #expect(state.notice == nil)
    #expect(text(state).contains("prompt: 3/8 tokens, 5 of padding") && !text(state).contains("fell off"))
  }

  @Test("titles tell two prompts apart, however long they are, and two scales of guidance") mutating func titles() {
    let long = String(repeating: "very ", count: 20)
    for (left, right, words) in [
      ("pizza", "red heart", ["pizza", "red heart"]),
      (
        "a photo of a red heart on a plain white ground", "a photo of a blue heart on a plain white ground",
        ["red", "blue"]
      ),
      (long + "old", long + "new", ["old", "new"]), ("old " + long, "new " + long, ["old", "new"]),
    ] {
      let runs = [left, right].map { RunSettings(seeds: [3], steps: 4, threads: 2, prompts: [$0]) }
      for columns in [60, 80, 120, 200] {
        let state = Scenes.comparing(runs, columns, 40, engine: &engine)
        for word in words { #expect(text(state).contains(word), "\(word) at \(columns): \(text(state))") }
      }
    }
    let scales = [1, 7.5].map { RunSettings(seeds: [3], steps: 4, threads: 2, prompts: ["cat"], guidanceScale: $0) }
    let state = Scenes.comparing(scales, 80, 24, engine: &engine)
    #expect(text(state).contains("guidance 1") && text(state).contains("guidance 7.5"))
  }

  @Test("two prompts, or two scales of guidance, part after the first step from one noise", arguments: [false, true])
  mutating func parting(byGuidance: Bool) {
    let runs = (0..<2).map { index in
      RunSettings(
        seeds: [3], steps: 4, threads: 2, prompts: [index == 0 || byGuidance ? "cat" : "dog"],
        guidanceScale: index == 0 || !byGuidance ? 2 : 7)
    }
    var state = Scenes.comparing(runs, 120, 40, engine: &engine)
    engine.press(.tab, on: &state)
    #expect(text(state).contains("they start from the same noise"))
    engine.press(.right, .right, on: &state)
    #expect(state.panes[1].divergence?.first == 1)
    #expect(text(state).contains("x_t first differs after step 1, timestep 750"))
  }

  @Test("a shortened text fits, and differs where the whole one does") func shortened() {
    let texts = [
      "a photo of a red heart on white", "a photo of a blue heart on white", "界界界界界界界界界界a", "界界界界界界界界界界b", "cat", "",
    ]
    for text in texts {
      for columns in 0...40 {
        #expect(text.shortened(columns: columns).columns <= columns)
        let own = text.shortened(columns: columns, among: texts)
        #expect(own.columns <= columns)
        guard columns >= 12 else { continue }
        for other in texts where other != text { #expect(other.shortened(columns: columns, among: texts) != own) }
      }
    }
    #expect("a photo of a red heart".shortened(columns: 13) == "a pho...heart")
  }

  @Test("X blends with another prompt, and the arrows change how far") mutating func blended() {
    var state = started()
    engine.press(.character("X"), on: &state)
    #expect(state.editor?.text == "off")
    type("red heart x 0.3", on: &state)
    engine.press(.up, .up, .down, .up, on: &state)
    #expect(state.editor?.text == "red heart x 0.4")
    engine.press(.enter, on: &state)
    #expect(state.settings.promptBlend == PromptBlend(prompt: "red heart", strength: 0.4))
    #expect(text(state).contains("blend 0.4    guidance "))
    let request = state.pane.latestRequest
    #expect(request.promptTitle(columns: 34) == "\"pizza\" towards \"red heart\" by 0.4")
    #expect(request.promptTitle(columns: 33) == "\"pizza\"")
    engine.press(.character("X"), on: &state)
    for _ in 0..<20 { engine.press(.up, on: &state) }
    #expect(state.editor?.text == "red heart x 1")
    engine.press(.control("u"), on: &state)
    type("half", on: &state)
    engine.press(.up, .enter, on: &state)
    #expect(state.editor?.error?.hasPrefix("prompt-blend 'half' is not another prompt") == true)
    engine.press(.escape, .character("U"), on: &state)
    #expect(state.settings.promptBlend == nil)
    #expect(state.news == "undone: prompt-blend is off, not red heart x 0.4")
    engine.press(.character("X"), on: &state)
    _ = reduce(&state, .paste("red\nheart x 0.5"))
    #expect(state.editor?.text == "red heart x 0.5", "a line break is a space")
  }

  @Test("a blend needs a prompt, and a model that takes one") mutating func blendRefused() {
    var state = started()
    engine.press(.character("i"), .control("u"), .enter, .character("X"), on: &state)
    #expect(state.editor == nil && state.notice == "there is no prompt to blend with: press i to type one")
    var pictures = SmilingEngine()
    var other = Scenes.started(engine: &pictures)
    pictures.press(.character("X"), on: &other)
    #expect(other.editor == nil && other.notice?.contains("takes no prompt, so no prompt-blend") == true)
  }

  @Test("the gallery is of one prompt, and names it") mutating func gallery() {
    var state = started()
    engine.press(.character("G"), on: &state)
    #expect(text(state).contains("\"pizza\""))
    let image = state.galleryImages.store.image(of: 42)
    #expect(image?.picture?.size == Size(columns: 32, rows: 32), "the decoded image")
    engine.press(.character("i"), on: &state)
    type("cat", on: &state)
    engine.press(.enter, on: &state)
    #expect(text(state).contains("\"cat\"") && state.gallery?.request.settings.prompts == ["cat"])
  }
}

extension Scenes {
  /// A screen whose run with a prompt has started.
  static func prompted(
    _ prompts: [String] = ["pizza"], steps: Int = 4, _ columns: Int = 100, _ rows: Int = 30,
    engine: inout SmilingEngine
  ) -> State {
    comparing(
      [RunSettings(seeds: [42], steps: steps, threads: 2, prompts: prompts)], columns, rows, engine: &engine)
  }
}
