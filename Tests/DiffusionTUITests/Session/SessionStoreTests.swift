import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Sessions") struct SessionStoreTests {
  private static let path = "/state/diffusion-tui/session.json"

  private func state() -> State {
    var engine = SmilingEngine()
    var state = Scenes.after(3, steps: 8, engine: &engine)
    for key in "v<t".map({ Key.character($0) }) { engine.press(key, on: &state) }
    return state
  }

  private func store(_ files: FakeFiles) -> SessionStore { SessionStore(path: Self.path, files: files.system) }

  @Test("come back unchanged") func roundTrip() throws {
    let files = FakeFiles()
    let saved = state().savedSession { _ in "demo" }
    try store(files).save(saved)
    #expect(store(files).load(model: "demo").session == saved)
    #expect(store(files).load(model: "demo").notice == nil)
    var engine = SmilingEngine()
    var next = State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor,
      run: RunRequest(settings: RunSettings(seeds: [1], threads: 1)))
    let effects = try next.resume(saved, keepsTheme: false, keepsRenderer: false)
    engine.carryOut(effects, on: &next)
    #expect(next.position == 3)
    #expect(next.settings == state().settings)
    #expect(next.savedSession { _ in "demo" } == saved)
  }

  @Test("several runs come back with their link, weights and variation", arguments: CursorLink.allCases)
  func severalRuns(link: CursorLink) throws {
    var engine = SmilingEngine()
    var settings = RunSettings(seeds: [1], steps: 8, eta: 0.5, threads: 1)
    settings.variation = NoiseVariation(seed: -4, strength: 0.25)
    settings.weights = .bfloat16
    func screen(_ others: [RunSettings]) -> State {
      State(
        size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor, run: RunRequest(settings: settings),
        others: others.map { RunRequest(settings: $0) })
    }
    var state = screen([RunSettings(seeds: [2], steps: 4, generatorDevice: .cuda, threads: 2)])
    engine.carryOut(state.start(), on: &state)
    while state.compare.link != link { engine.press(.character("u"), on: &state) }
    engine.press(.right, .right, .tab, .character("="), .character("D"), on: &state)
    let saved = state.savedSession { _ in "demo" }
    let files = FakeFiles()
    try store(files).save(saved)
    settings = RunSettings(threads: 1)
    var next = screen([])
    let effects = try next.resume(
      try #require(store(files).load(model: "demo").session), keepsTheme: false, keepsRenderer: false)
    engine.carryOut(effects, on: &next)
    #expect(next.savedSession { _ in "demo" } == saved)
    #expect(next.panes.map(\.settings) == state.panes.map(\.settings))
    #expect(next.panes.map(\.position) == state.panes.map(\.position))
    #expect(next.compare.link == link && next.compare.view == .difference && next.compare.reference == 1)
  }

  @Test("an older session without a link is linked by step") func older() throws {
    let files = FakeFiles()
    try store(files).save(state().savedSession { _ in "demo" })
    let text = try #require(files[Self.path])
    let older = FakeFiles([Self.path: text.replacing("\"link\" : \"step\"", with: "\"linked\" : true")])
    #expect(store(older).load(model: "demo").session?.link == nil)
    #expect(store(older).load(model: "demo").notice == nil)
  }

  @Test("recorded sessions are written away from the screen, and the final one last") func recorder() throws {
    let files = FakeFiles()
    let recorder = SessionRecorder(store(files))
    var saved = state().savedSession { _ in "demo" }
    for position in 0..<8 {
      saved.panes[0].position = position
      recorder.record(saved)
      recorder.record(saved)
    }
    saved.panes[0].position = 3
    try recorder.finish(saved)
    #expect(store(files).load(model: "demo").session == saved)
    files.refuseWriting(DiffusionError(.cannotCreate, "full"))
    recorder.record(saved)
    #expect(throws: DiffusionError.self) { try recorder.finish(saved) }
  }

  @Test("the last of repeated keys counts, and a notice names them") func repeats() throws {
    let files = FakeFiles()
    try store(files).save(state().savedSession { _ in "demo" })
    let text = try #require(files[Self.path])
    let repeated = FakeFiles([Self.path: text.replacing("\"focus\" : 0", with: "\"focus\" : 7, \"focus\" : 0")])
    let loaded = store(repeated).load(model: "demo")
    #expect(loaded.session?.focus == 0)
    #expect(loaded.notice?.hasPrefix("\(Self.path): line ") == true)
    #expect(loaded.notice?.hasSuffix(": key 'focus' occurs again: the last one counts") == true)
  }

  @Test("requested options take precedence") func keeps() throws {
    let saved = state().savedSession { _ in "demo" }
    var next = state()
    let theme = next.theme
    _ = reduce(&next, .display(.cycleTheme))
    _ = try next.resume(saved, keepsTheme: true, keepsRenderer: true)
    #expect(next.theme != theme)
  }

  @Test("each of the last 16 models has its own") func models() throws {
    let files = FakeFiles()
    for number in 0..<20 { try store(files).save(state().savedSession { _ in "model \(number)" }) }
    var other = state().savedSession { _ in "model 19" }
    other.theme = "light"
    try store(files).save(other)
    #expect(store(files).load(model: "model 19").session == other)
    #expect(store(files).load(model: "model 4").session != nil)
    #expect(store(files).load(model: "model 3").session == nil)
  }

  @Test("a missing file gives no notice") func none() {
    #expect(store(FakeFiles()).load(model: "demo").session == nil)
    #expect(store(FakeFiles()).load(model: "demo").notice == nil)
  }

  @Test(
    "a damaged file is ignored with a one-line notice, and replaced",
    arguments: [
      "", "{", "[]", "{\"format\": 1}", "{\"format\": \"x\"}", "{\"format\": 1, \"sessions\": [{}]}", "\u{0}",
    ])
  func damaged(text: String) throws {
    let files = FakeFiles([Self.path: text])
    let loaded = store(files).load(model: "demo")
    #expect(loaded.session == nil)
    #expect(loaded.notice?.contains(Self.path) == true)
    #expect(loaded.notice?.contains("\n") == false)
    try store(files).save(state().savedSession { _ in "demo" })
    #expect(store(files).load(model: "demo").session != nil)
  }

  @Test("a file of a later version is ignored and left alone") func future() throws {
    let files = FakeFiles([Self.path: "{\"format\": 2, \"rooms\": []}"])
    #expect(store(files).load(model: "demo").notice?.contains("format 2") == true)
    #expect(throws: DiffusionError.self) { try store(files).save(state().savedSession { _ in "demo" }) }
    #expect(files[Self.path] == "{\"format\": 2, \"rooms\": []}")
  }

  @Test(
    "an invalid part is refused, and nothing changes", arguments: ["steps", "position", "device", "threads", "seed"])
  func refused(part: String) throws {
    var saved = state().savedSession { _ in "demo" }
    switch part {
    case "steps": saved.panes[0].values[.steps] = .integer(100_001)
    case "position": saved.panes[0].position = -1
    case "device": saved.panes[0].values[.device] = .text("cuda")
    case "threads": saved.panes[0].values[.threads] = .integer(0)
    default: saved.panes[0].values[.seeds] = .list([.text("x")])
    }
    var next = state()
    let before = next
    let error = try #require(throws: DiffusionError.self) {
      try next.resume(saved, keepsTheme: false, keepsRenderer: false)
    }
    #expect(error.message.contains(part))
    #expect(next == before)
  }

  @Test("an inconsistent session is refused") func focus() throws {
    let files = FakeFiles()
    var saved = state().savedSession { _ in "demo" }
    saved.focus = 1
    try store(files).save(saved)
    #expect(store(files).load(model: "demo").notice?.contains("focus is 1") == true)
  }

  @Test("seeds keep every digit") func seeds() throws {
    let settings = RunSettings(seeds: [Seed(UInt64.max)], threads: 2)
    #expect(try SavedPane(settings, position: 0).settings(like: settings).seeds == settings.seeds)
  }

  @Test("a failure to write says why") func unwritable() {
    let files = FakeFiles()
    files.refuseWriting(DiffusionError(.cannotCreate, "full"))
    #expect(throws: DiffusionError(.cannotCreate, "full")) {
      try store(files).save(state().savedSession { _ in "demo" })
    }
  }

  @Test(
    "folders follow XDG",
    arguments: [
      (["HOME": "/h"], "/h/.config/diffusion-tui/config.toml", "/h/.local/state/diffusion-tui/session.json"),
      (
        ["HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"], "/c/diffusion-tui/config.toml",
        "/s/diffusion-tui/session.json"
      ),
      (
        ["HOME": "/h", "XDG_CONFIG_HOME": "c", "XDG_STATE_HOME": ""], "/h/.config/diffusion-tui/config.toml",
        "/h/.local/state/diffusion-tui/session.json"
      ), ([:], nil, nil),
    ] as [([String: String], String?, String?)]) func folders(
      environment: [String: String], config: String?, session: String?
    )
  {
    let folders = UserFolders(environment: environment)
    #expect(folders.configurationFile == config)
    #expect(folders.sessionFile == session)
  }
}
