import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Every action is within reach") struct ReachableActionTests {
  /// Every action there is that a person asks for. The switch in ``isAsked(_:)`` does not compile when one is added and
  /// not sorted in there.
  private static let asked: [Action] =
    [
      .togglePlay, .stepForward, .stepBack, .first, .last, .restart, .randomSeed, .cycleView, .cycleRenderer,
      .cycleTheme, .slower, .faster, .addPane, .closePane, .focusNext, .focusPrevious, .setReference, .cycleLink,
      .cyclePaneView, .gallery, .toggleHelp, .openPalette, .toggleLessons, .openExports, .copyCommandLine, .toggleMouse,
      .dismiss, .suspend, .quit,
    ] + Inspect.allCases.map { .inspect($0) }
    + [Setting.seeds, .steps, .eta, .device, .generatorDevice, .variation, .model].map { .edit($0) }
    + (0..<State.maximumPanes).map { .focusPane($0) }

  private let state: State

  init() {
    var engine = SmilingEngine()
    state = Scenes.after(3, 200, 60, steps: 8, engine: &engine)
  }

  @Test("from the key table", arguments: asked) func keyTable(action: Action) throws {
    let bindings = KeyMap.standard.bindings.filter { $0.action == action }
    #expect(bindings.count == 1, "\(action) is in \(bindings.count) rows of the key table")
    let binding = try #require(bindings.first)
    #expect(!binding.keys.isEmpty, "\(binding.name) has no key")
    for key in binding.keys { #expect(KeyMap.standard.action(for: key) == action, "\(binding.name) by \(key)") }
  }

  @Test("from the palette", arguments: asked) func palette(action: Action) throws {
    let name = try #require(KeyMap.standard.bindings.first { $0.action == action }?.name, "\(action) has no name")
    var palette = CommandPalette()
    var outcome = CommandPalette.Outcome.open
    for key in name.map({ Key.character($0) }) + [.enter] { outcome = palette.press(key, in: CommandContext(state)) }
    #expect(outcome == .run(.action(action)), "'\(name)' in the palette asks for \(outcome)")
    #expect(try CommandParser(CommandContext(state)).parse(name) == .action(action))
  }

  @Test("from help, in one column and in two", arguments: asked, [80, 200]) func help(action: Action, columns: Int)
    throws
  {
    let binding = try #require(KeyMap.standard.bindings.first { $0.action == action }, "\(action) is in no row")
    var help = state
    for event in [Action.resize(Size(columns: columns, rows: 200)), .toggleHelp] { _ = reduce(&help, event) }
    let lines = FrameText(view(help)).text.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
    let paragraph = lines.map { $0.split(separator: " ").joined(separator: " ") }.joined(separator: " ")
    #expect(paragraph.contains(binding.help), "\(binding.name) is not in help of \(columns) columns")
    let line = try #require(KeyMap.standard.helpLines(of: binding.group).first { $0.help == binding.help })
    let isThere = lines.contains { $0.contains(line.keyLabel) && $0.contains(line.help.prefix(20)) }
    #expect(isThere, "\(binding.name)'s keys, \(line.keyLabel), are not in help of \(columns) columns")
  }

  @Test("and the key table has no other") func noOther() {
    for binding in KeyMap.standard.bindings {
      #expect(Self.isAsked(binding.action), "\(binding.name) is not for people to ask for")
      #expect(Self.asked.contains(binding.action), "\(binding.name) is not tested here")
    }
  }

  /// Whether people ask for an action, other than by clicking at a place; the rest is reported.
  private static func isAsked(_ action: Action) -> Bool {
    switch action {
    case .togglePlay, .stepForward, .stepBack, .first, .last, .restart, .randomSeed, .edit, .cycleView, .cycleRenderer,
      .cycleTheme, .slower, .faster, .inspect, .addPane, .closePane, .focusNext, .focusPrevious, .focusPane,
      .setReference, .cycleLink, .cyclePaneView, .gallery, .toggleHelp, .openPalette, .toggleLessons, .openExports,
      .copyCommandLine, .toggleMouse, .dismiss, .suspend, .quit:
      true
    case .key, .mouse, .paste, .resize, .hangUp, .scrub, .runStarted, .progress, .stepCompleted, .runFailed, .seedDrawn,
      .galleryAdvanced, .noisePreviewed, .exportEnded, .commandLine, .tick:
      false
    }
  }
}
