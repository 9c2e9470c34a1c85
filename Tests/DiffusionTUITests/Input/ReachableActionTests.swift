import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Every action can be reached") struct ReachableActionTests {
  /// Every action that a user can ask for. A feature's action without a row in the key table does not compile; nor
  /// does the switch in ``isAsked(_:)`` until a new feature is added to it.
  private static let asked: [Action] =
    PlaybackAction.allCases.map(\.action) + RunAction.allCases.map(\.action) + CompareAction.allCases.map(\.action)
    + GalleryAction.allCases.map(\.action) + InspectAction.allCases.map(\.action)
    + DisplayAction.allCases.map(\.action) + KeepAction.allCases.map(\.action) + ProgramAction.allCases.map(\.action)
    + LessonAction.allCases.map(\.action)

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
    for event in [Action.resize(Size(columns: columns, rows: 200)), .program(.toggleHelp)] { _ = reduce(&help, event) }
    let lines = FrameText(view(help)).text.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
    let paragraph = lines.map { $0.split(separator: " ").joined(separator: " ") }.joined(separator: " ")
    #expect(paragraph.contains(binding.help), "\(binding.name) is not in help of \(columns) columns")
    let line = try #require(KeyMap.standard.helpLines(of: binding.chapter).first { $0.help == binding.help })
    let isThere = lines.contains { $0.contains(line.keyLabel) && $0.contains(line.help.prefix(20)) }
    #expect(isThere, "\(binding.name)'s keys, \(line.keyLabel), are not in help of \(columns) columns")
  }

  @Test("each does something", arguments: asked) func works(action: Action) {
    var engine = SmilingEngine()
    var state = Scenes.after(3, 120, 40, steps: 8, engine: &engine)
    engine.press(.character("c"), .character("<"), .character("<"), .character("z"), on: &state)
    // Focusing a run changes something only if another run has the focus.
    let isOfUse = [PlaybackAction.stepBack.action, .compare(.focusNext)].contains { former in
      var before = state
      _ = reduce(&before, former)
      var after = before
      let effects = reduce(&after, action)
      return after != before || !effects.isEmpty
    }
    #expect(isOfUse, "\(action) changes nothing and asks for nothing")
  }

  @Test("the key table has no other action") func noOther() {
    for binding in KeyMap.standard.bindings {
      #expect(Self.isAsked(binding.action), "\(binding.name) is not for people to ask for")
      #expect(Self.asked.contains(binding.action), "\(binding.name) is not tested here")
    }
  }

  /// Whether users ask for an action; the others come from the terminal, or are reports.
  private static func isAsked(_ action: Action) -> Bool {
    switch action {
    case .playback, .run, .compare, .gallery, .inspect, .display, .keep, .program, .lesson: true
    case .key, .mouse, .paste, .resize, .hangUp: false
    case .runStarted, .modelOpening, .progress, .stepCompleted, .runFailed, .seedDrawn, .galleryAdvanced, .sweepFound,
      .noisePreviewed, .exportEnded, .commandLine, .decoded, .decodingFailed, .attended,
      .attentionFailed, .devicesListed, .tick:
      false
    }
  }
}
