import DiffusionCore
import DiffusionTUI
import Testing

@Suite("The palette") struct CommandPaletteTests {
  private let context: CommandContext

  init() {
    var engine = SmilingEngine()
    context = CommandContext(Scenes.after(3, steps: 8, engine: &engine))
  }

  private func typed(_ text: String, _ keys: Key...) -> (palette: CommandPalette, outcome: CommandPalette.Outcome) {
    var palette = CommandPalette()
    var outcome = CommandPalette.Outcome.open
    for key in text.map({ Key.character($0) }) + keys { outcome = palette.press(key, in: context) }
    return (palette, outcome)
  }

  private func best(_ query: String) -> String? { typed(query).palette.matches(in: context).first?.text }

  @Test("lists every action and every setting") func everything() {
    let texts = CommandPalette().matches(in: context).map(\.text)
    #expect(texts == context.keyMap.bindings.map(\.name) + CommandVerb.all.map(\.name))
  }

  @Test(
    "finds a command by its name, a word, its key, its help or some of its letters",
    arguments: [
      ("step", "step"), ("step-f", "step-forward"), ("quit", "quit"), ("forward", "step-forward"), ("R", "random-seed"),
      ("random", "random-seed"), ("Ctrl-Z", "suspend"), ("rndsd", "random-seed"), ("ddpm", "edit-eta"),
      ("random seed", "random-seed"), ("theme", "theme"), ("theme da", "theme dark"), ("theme light", "theme light"),
      ("device port", "device cpu:portable"), ("view out", "view output"),
    ]) func finds(query: String, text: String)
  {
    #expect(best(query) == text)
  }

  @Test("a whole name is meant, also where it begins another one", arguments: SchedulerClass.all.map(\.shortName))
  func whole(name: String) {
    #expect(best("scheduler \(name)") == "scheduler \(name)")
    #expect(typed("scheduler \(name)", .enter).outcome == .run(.set(.scheduler, name)))
  }

  @Test("a list of prompts is kept whole, however long, or refused") func lists() {
    let list = (1...200).map { "a prompt of some length, number \($0)" }.joined(separator: " | ")
    var palette = CommandPalette(query: "gallery \(list)")
    _ = palette.press(.backspace, in: context)
    #expect(palette.query == "gallery \(list.dropLast())" && palette.error == nil)
    palette.insert(String(repeating: "x", count: 1 << 20))
    #expect(palette.query == "gallery \(list.dropLast())" && palette.error?.hasPrefix("too long") == true)
    palette.insert("0")
    #expect(palette.query == "gallery \(list)" && palette.error == nil)
  }

  @Test("Tab completes the chosen command, then its value") func completes() {
    #expect(typed("the", .tab).palette.query == "theme ")
    #expect(typed("the", .tab, .character("d"), .tab).palette.query == "theme dark")
    #expect(typed("step-f", .tab).palette.query == "step-forward")
  }

  @Test("Enter runs the chosen command") func runs() {
    #expect(typed("step-f", .enter).outcome == .run(.action(.playback(.stepForward))))
    #expect(typed("seed 42", .enter).outcome == .run(.set(.seeds, "42")))
    #expect(typed("theme li", .enter).outcome == .run(.theme("light")))
    #expect(typed("", .enter).outcome == .run(.action(.playback(.togglePlay))))
    #expect(typed("", .down, .enter).outcome == .run(.action(.playback(.stepForward))))
    #expect(typed("", .up, .up, .down, .enter).palette.query == "mouse ")
  }

  @Test("a setting without a value asks for it") func asks() {
    let (palette, outcome) = typed("eta", .enter)
    #expect(outcome == .open)
    #expect(palette.query == "eta ")
    #expect(palette.hint(in: context)?.contains("0 (DDIM) to 1") == true)
  }

  @Test("an invalid line stays, with its error, until the next letter") func error() {
    var (palette, outcome) = typed("steps 0", .enter)
    #expect(outcome == .open)
    #expect(palette.error?.contains("1 to 1000") == true)
    _ = palette.press(.backspace, in: context)
    #expect(palette.error == nil)
    #expect(palette.query == "steps ")
    #expect(typed("qqqq", .enter).palette.error?.contains("'qqqq'") == true)
  }

  @Test("Esc closes it, and so does Backspace on an empty line") func closes() {
    #expect(typed("abc", .escape).outcome == .closed)
    #expect(typed("", .backspace).outcome == .closed)
    #expect(typed("abc", .control("u")).palette.query == "")
  }

  @Test("every line of the list runs or asks for a value", arguments: ["", "theme ", "device ", "s", "e 1"])
  func everyLine(query: String) {
    let count = typed(query).palette.matches(in: context).count
    for line in 0..<count {
      var palette = typed(query).palette
      for _ in 0..<line { _ = palette.press(.down, in: context) }
      let chosen = palette.matches(in: context)[line]
      let outcome = palette.press(.enter, in: context)
      #expect(chosen.request.map { outcome == .run($0) } ?? (palette.query == chosen.text + " "))
    }
  }
}
