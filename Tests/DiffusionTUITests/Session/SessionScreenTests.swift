import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("The screen in a session") struct SessionScreenTests {
  private static let path = "/state/session.json"

  private static func screen(_ seeds: [Seed] = [42]) -> State {
    let runs = seeds.map { RunRequest(settings: RunSettings(seeds: [$0], steps: 8, threads: 2)) }
    return State(
      size: Size(columns: 120, rows: 40), capabilities: Scenes.fullColor, run: runs[0],
      others: Array(runs.dropFirst()), themeName: "dark")
  }

  /// Two runs after some keys.
  private static func after(_ keys: [Key], engine: inout SmilingEngine) -> State {
    var state = screen([42, 43])
    engine.carryOut(state.start(), on: &state)
    for key in [.right, .right] + keys { engine.press(key, on: &state) }
    return state
  }

  /// The same after quitting and opening it again, through a file.
  private static func resumed(_ state: State) throws -> State {
    let store = SessionStore(path: path, files: FakeFiles().system)
    try store.save(state.savedSession { _ in "demo" })
    let saved = try #require(store.load(model: "demo").session)
    var engine = SmilingEngine()
    var next = screen([1])
    engine.carryOut(try next.resume(saved, keepsTheme: false, keepsRenderer: false), on: &next)
    return next
  }

  /// Named states of the screen, and the keys that lead to them.
  private static let places: [(String, [Key])] = [
    ("plots over steps", [.character("p")]), ("the update", [.character("P")]),
    ("three tensors", [.character("T")]), ("clipped pixels", [.character("o")]),
    ("a zoom", [.character("z"), .character("z")]),
    ("a pixel of a zoom", [.character("z"), .character("z"), .character("z"), .left, .left, .up]),
    ("differences", [.character("D")]), ("a finer scale", [.character("D"), .character("]"), .character("]")]),
    ("another reference", [.tab, .character("=")]), ("the first in focus", [.tab]),
    ("a link by timestep", [.character("u")]), ("none", [.character("u"), .character("u"), .right]),
    ("another tensor", [.character("v")]), ("another renderer", [.character("m")]),
    ("another theme", [.character("t")]), ("another speed", [.character("<")]),
    ("a gallery", [.character("G")]), ("another image", [.character("G"), .right, .down]),
    ("marks", [.character("G"), .character(" "), .right, .right, .character(" ")]),
    ("larger images", [.character("G"), .character("+")]),
    ("a run from the gallery", [.character("G"), .right, .enter]),
    ("a gallery that was left", [.character("G"), .escape]),
  ]

  @Test("comes back unchanged", arguments: places.indices)
  func comesBack(index: Int) throws {
    let (name, keys) = Self.places[index]
    var engine = SmilingEngine()
    let before = Self.after([], engine: &engine)
    var state = Self.after(keys, engine: &engine)
    // What a key has just done is not said again.
    state.news = nil
    #expect(
      view(state) != view(before) || state.gallery != nil || state.playback.speed != before.playback.speed, "\(name)")
    let next = try Self.resumed(state)
    #expect(next.savedSession { _ in "demo" } == state.savedSession { _ in "demo" }, "\(name)")
    #expect(next.inspection == state.inspection && next.layers == state.layers, "\(name)")
    #expect(next.gallery == state.gallery, "\(name)")
    #expect(FrameText(view(next)).text == FrameText(view(state)).text, "\(name)")
  }

  @Test("Esc goes back to the gallery that a run was opened from") func behind() throws {
    var engine = SmilingEngine()
    var next = try Self.resumed(Self.after([.character("G"), .right, .enter], engine: &engine))
    #expect(!next.isInGallery && next.returnsToGallery)
    engine.press(.escape, on: &next)
    #expect(next.isInGallery)
  }

  @Test("an older session without inspection and gallery has neither") func older() throws {
    var engine = SmilingEngine()
    var saved = Self.after([.character("p"), .character("z"), .character("G")], engine: &engine)
      .savedSession { _ in "demo" }
    (saved.inspection, saved.gallery) = (nil, nil)
    let files = FakeFiles()
    try SessionStore(path: Self.path, files: files.system).save(saved)
    let text = try #require(files[Self.path])
    #expect(!text.contains("inspection") && !text.contains("gallery"))
    let loaded = try #require(SessionStore(path: Self.path, files: files.system).load(model: "demo").session)
    var next = Self.screen([1])
    engine.carryOut(try next.resume(loaded, keepsTheme: false, keepsRenderer: false), on: &next)
    #expect(next.inspection == Self.screen().inspection && next.layers == [])
    #expect(next.gallery == nil)
    #expect(next.positions == [2, 2])
  }

  @Test("numbers out of range are clamped") func outOfRange() throws {
    var engine = SmilingEngine()
    var saved = Self.after([.character("z"), .character("G")], engine: &engine).savedSession { _ in "demo" }
    saved.inspection?.page = "none"
    saved.inspection?.differenceExponent = .min
    saved.inspection?.zoom?.factor = .max
    saved.inspection?.zoom?.center = [.max, .min]
    saved.inspection?.zoom?.cursor = [.max, .min]
    saved.gallery?.cursor = .max
    saved.gallery?.count = .max
    saved.gallery?.enlargement = .min
    saved.gallery?.marks = ["43", "43", "7"]
    saved.gallery?.place = "nowhere"
    var next = Self.screen([1])
    _ = try next.resume(saved, keepsTheme: false, keepsRenderer: false)
    #expect(next.inspection.page == .numbers)
    #expect(next.inspection.differenceScale.exponent == -7)
    #expect(next.zoom?.factor == 8)
    #expect(next.zoom?.cursor == PixelPlace(column: 31, row: 0))
    #expect(next.gallery?.cursor == SeedRange.maximumCount - 1)
    #expect(next.gallery?.marks == [43])
    #expect(!next.isInGallery)
    saved.inspection?.zoom?.picture = [.max, .max]
    _ = try next.resume(saved, keepsTheme: false, keepsRenderer: false)
    #expect(next.zoom == nil)
  }

  @Test("an invalid gallery seed is named, and nothing changes") func badSeed() throws {
    var engine = SmilingEngine()
    var saved = Self.after([.character("G")], engine: &engine).savedSession { _ in "demo" }
    saved.gallery?.first = "x"
    var next = Self.screen([1])
    let before = next
    let error = try #require(throws: DiffusionError.self) {
      try next.resume(saved, keepsTheme: false, keepsRenderer: false)
    }
    #expect(error.message.contains("'x'"))
    #expect(next == before)
  }

  /// The session of a run that was at step 5, and a screen that has started to restore it.
  private static func catchingUp(engine: inout SmilingEngine) throws -> (SavedSession, State, [Effect]) {
    var state = screen([42])
    engine.carryOut(state.start(), on: &state)
    for _ in 0..<5 { engine.press(.right, on: &state) }
    let saved = state.savedSession { _ in "demo" }
    #expect(saved.panes.map(\.position) == [5])
    var next = screen([1])
    let effects = try next.resume(saved, keepsTheme: false, keepsRenderer: false)
    return (saved, next, effects)
  }

  @Test("a run that catches up keeps the session's position") func catchesUp() throws {
    var engine = SmilingEngine()
    var (saved, next, effects) = try Self.catchingUp(engine: &engine)
    #expect(next.savedSession { _ in "demo" } == saved)
    var positions: [Int] = []
    // One answer of the engine after another.
    while let effect = effects.first {
      effects.removeFirst()
      for action in engine.answers(to: effect) { effects += reduce(&next, action) }
      positions.append(next.position)
      #expect(next.savedSession { _ in "demo" }.panes.map(\.position) == [5])
    }
    #expect(positions.contains(2) && next.position == 5)
    engine.press(.left, on: &next)
    #expect(next.savedSession { _ in "demo" }.panes.map(\.position) == [4])
  }

  @Test("a key while it catches up counts from the session's position") func movesOn() throws {
    var engine = SmilingEngine()
    var (_, next, effects) = try Self.catchingUp(engine: &engine)
    while next.position < 2, let effect = effects.first {
      effects.removeFirst()
      for action in engine.answers(to: effect) { effects += reduce(&next, action) }
    }
    _ = reduce(&next, .key(.right))
    #expect(next.position == 2 && next.savedSession { _ in "demo" }.panes.map(\.position) == [6])
  }

  @Test("a step that fails while it catches up keeps the session's position; a key of the user does not")
  func failsToCatchUp() throws {
    var engine = SmilingEngine()
    var (_, next, effects) = try Self.catchingUp(engine: &engine)
    while next.position < 2, let effect = effects.first {
      effects.removeFirst()
      for action in engine.answers(to: effect) { effects += reduce(&next, action) }
    }
    let number = try #require(next.panes[0].run?.number)
    _ = reduce(&next, .runFailed(run: number, message: "out of memory"))
    #expect(next.position == 2)
    #expect(next.savedSession { _ in "demo" }.panes.map(\.position) == [5])
    _ = reduce(&next, .key(.home))
    #expect(next.savedSession { _ in "demo" }.panes.map(\.position) == [0])
  }

  @Test("a lesson is not saved, but what was open before it is, including the gallery") func lesson() throws {
    var engine = SmilingEngine()
    var state = Self.after([.character("G"), .right], engine: &engine)
    let saved = state.savedSession { _ in "demo" }
    state.lessonFiles = ["test": LessonScenes.text]
    engine.press(.character("L"), .enter, .right, on: &state)
    #expect(state.lesson != nil && !state.isInGallery)
    #expect(withoutPlaces(state) == saved)
    engine.press(.escape, .escape, on: &state)
    #expect(state.isInGallery)
    #expect(withoutPlaces(state) == saved)
  }

  /// The session, but for where lessons were left.
  private func withoutPlaces(_ state: State) -> SavedSession {
    var session = state.savedSession { _ in "demo" }
    session.lessons = nil
    return session
  }
}
