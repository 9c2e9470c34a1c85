import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Sessions of several models") struct SessionModelsTests {
  private let twin = ModelReference("models/twin")
  private var engine = SmilingEngine()

  private func screen(_ runs: [RunRequest]) -> State {
    State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor, run: runs[0],
      others: Array(runs.dropFirst()))
  }

  private func settings(_ seed: Seed) -> RunSettings { RunSettings(seeds: [seed], steps: 4, threads: 2) }

  /// A session read back from its file.
  private func kept(_ state: State) throws -> SavedSession {
    let files = FakeFiles()
    let store = SessionStore(path: "/state/session.json", files: files.system)
    try store.save(state.savedSession { $0 == .demo ? "demo" : "/home/\($0.name)" })
    return try #require(store.load(model: "demo").session)
  }

  @Test("come back with each run's model") mutating func models() throws {
    var state = screen([RunRequest(settings: settings(1)), RunRequest(model: twin, settings: settings(2))])
    engine.carryOut(state.start(), on: &state)
    engine.press(.right, .right, on: &state)
    let session = try kept(state)
    #expect(session.panes.map(\.model) == [nil, "/home/models/twin"])
    var next = screen([RunRequest(settings: settings(9))])
    engine.carryOut(try next.resume(session, keepsTheme: false, keepsRenderer: false), on: &next)
    #expect(next.panes.map(\.request.model.path) == [nil, "/home/models/twin"])
    #expect(next.positions == [2, 2])
  }

  @Test("and pictures are kept by the name that they have from everywhere") mutating func pictures() throws {
    var own = settings(1)
    own.initImage = PictureReference("cat.png")
    own.strength = 0.5
    var state = screen([RunRequest(settings: own), RunRequest(settings: settings(2))])
    engine.carryOut(state.start(), on: &state)
    let session = state.savedSession(name: \.name, picture: { PictureReference("/home/\($0.name)") })
    var next = screen([RunRequest(settings: settings(9))])
    engine.carryOut(try next.resume(session, keepsTheme: false, keepsRenderer: false), on: &next)
    #expect(next.panes.map(\.request.settings.initImage) == [PictureReference("/home/cat.png"), nil])
    #expect(next.panes.map(\.request.settings.strength) == [0.5, 0.8])
  }

  @Test("a missing model is reported, and the rest comes back") mutating func gone() throws {
    var state = screen([RunRequest(settings: settings(1)), RunRequest(model: twin, settings: settings(2))])
    engine.carryOut(state.start(), on: &state)
    engine.press(.right, .right, .right, on: &state)
    let session = try kept(state)
    engine.missing = [ModelReference("/home/models/twin")]
    var next = screen([RunRequest(settings: settings(9))])
    engine.carryOut(try next.resume(session, keepsTheme: false, keepsRenderer: false), on: &next)
    #expect(next.positions == [3, 0])
    #expect(try kept(next).panes.map(\.position) == [3, 3])
    #expect(next.notice == "run 2: /home/models/twin: no such folder")
    engine.press(.right, on: &next)
    #expect(next.positions == [4, 0])
    #expect(
      FrameText(view(next, size: Size(columns: 120, rows: 40), capabilities: next.capabilities, theme: next.theme))
        .text.contains("/home/models/twin: no"))
    engine.missing = []
    engine.press(.tab, .character("r"), on: &next)
    #expect(next.panes[1].run?.description.model.path == "/home/models/twin")
    #expect(next.panes[1].failure == nil)
  }

  @Test("runs of a model trained on more timesteps come back with all their steps") mutating func steps()
    throws
  {
    engine.timesteps = [twin: 3000]
    var state = screen([RunRequest(settings: settings(1)), RunRequest(model: twin, settings: settings(2))])
    engine.carryOut(state.start(), on: &state)
    engine.press(
      .tab, .character("n"), .character("1"), .character("5"), .character("0"), .character("0"), .enter, on: &state)
    let session = try kept(state)
    #expect(session.panes.map { $0.values[.steps] } == [.integer(4), .integer(1500)])
    var next = screen([RunRequest(settings: settings(9))])
    engine.carryOut(try next.resume(session, keepsTheme: false, keepsRenderer: false), on: &next)
    #expect(next.panes.map(\.settings.steps) == [4, 1500])
  }

  @Test("the call and the image whose noise is used come back") mutating func selection() throws {
    var own = settings(1)
    (own.batchSize, own.selection) = (4, NoiseSelection(call: 3, image: 2))
    var state = screen([RunRequest(settings: own)])
    engine.carryOut(state.start(), on: &state)
    let session = try kept(state)
    var next = screen([RunRequest(settings: settings(9))])
    _ = try next.resume(session, keepsTheme: false, keepsRenderer: false)
    #expect(next.panes.map(\.latestSettings) == [own])
    var broken = session
    broken.panes[0].values[.image] = .integer(5)
    #expect(throws: DiffusionError.self) {
      try next.resume(broken, keepsTheme: false, keepsRenderer: false)
    }
  }
}
