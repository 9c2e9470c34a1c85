import DemoModel
import DiffusionCore
import DiffusionTUI
import Foundation
import Testing

@Suite("The gallery of prompts") struct GalleryPromptsTests {
  private static let three = ["pizza", "red heart", "cat face"]
  var engine = SmilingEngine()

  init() { engine.useLatents() }

  private mutating func opened(_ prompts: [String] = three, _ columns: Int = 100) -> State {
    var state = Scenes.prompted(["pizza"], columns, 30, engine: &engine)
    engine.carryOut(reduce(&state, .gallery(.prompts(prompts))), on: &state)
    return state
  }

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  @Test(
    "is read from prompts between |, from lines, or from a list",
    arguments: [
      ("pizza | red heart|cat face", three), ("pizza\nred heart\r\ncat face\n", three),
      ("[\"pizza\", \"red heart\", \"cat face\"]", three), (" a  b ||c| a  b", ["a  b", "c"]), ("7 |", ["7"]),
      ("[\"a | b\", \"\"]", ["a | b", ""]), ("prompts", []),
    ])
  func read(text: String, prompts: [String]) throws {
    let entries = try GalleryEntries(parsing: text)
    #expect(entries == .prompts(prompts))
    if !prompts.isEmpty { #expect(try GalleryEntries(parsing: entries.text) == entries) }
    let seeds = try GalleryEntries(parsing: "-3--1")
    #expect(try seeds == .seeds(SeedRange(parsing: "-3--1")) && GalleryEntries(parsing: seeds.text) == seeds)
  }

  @Test("is refused in one line", arguments: ["|", " | \n ", "pizza", "[\"a\"", "[\"a | b\", \"c\"", "", "9-3"])
  func refused(text: String)
    throws
  {
    let error = try #require(throws: DiffusionError.self) { try GalleryEntries(parsing: text) }
    #expect(error.kind == .usage && error.message.hasPrefix("gallery") && !error.message.contains("\n"))
  }

  @Test("shows each prompt at the run's seed, with the prompt below") mutating func shows() {
    let state = opened(Self.three, 120)
    #expect(state.gallery?.entries.count == 3 && !state.isBusy)
    for part in ["gallery  3 prompts, seed 42", "3 of 3", "red heart", "cat face", "\"pizza\"   seed 42", "guidance"] {
      #expect(text(state).contains(part), "\(part)")
    }
    for prompt in Self.three {
      #expect(state.gallery?.request(of: .prompt(prompt)).settings.prompts == [prompt])
      #expect(state.galleryImages.store.image(of: .prompt(prompt))?.picture != nil)
    }
  }

  @Test("keeps what tells long prompts apart below small pictures", arguments: [40, 60, 80])
  mutating func long(columns: Int) {
    let prompts = ["one", "two", "three"].map { "a photo of a very large and very red heart on a \($0)" }
    let text = text(opened(prompts, columns))
    for word in ["one", "two", "three"] { #expect(text.contains(word), "\(word)") }
  }

  @Test("opens a prompt as a run, and Esc comes back") mutating func opensRun() {
    var state = opened()
    engine.press(.right, .enter, on: &state)
    #expect(!state.isInGallery && state.settings.prompts == ["red heart"] && state.settings.seeds == [42])
    #expect(state.position == state.stepCount && state.returnsToGallery)
    engine.press(.escape, on: &state)
    #expect(state.isInGallery && state.gallery?.cursor == 1 && state.gallery?.entries.count == 3)
  }

  @Test("compares marked prompts at one seed") mutating func compares() {
    var state = opened()
    engine.press(.character(" "), .right, .right, .character(" "), .character("c"), on: &state)
    #expect(state.panes.map(\.request.settings.prompts) == [["pizza"], ["cat face"]])
    #expect(state.panes.map(\.request.settings.seeds) == [[42], [42]])
    #expect(text(state).contains("\"cat face\""))
  }

  @Test("takes another seed, guidance and prompts") mutating func changes() {
    var state = opened()
    engine.press(.character("s"), .character("7"), .enter, on: &state)
    #expect(state.isInGallery && state.gallery?.request.settings.seeds == [7])
    #expect(text(state).contains("3 prompts, seed 7") && text(state).contains("3 of 3"))
    engine.press(.character("W"), .character("3"), .enter, on: &state)
    #expect(state.gallery?.request.settings.guidanceScale == 3)
    for key in ["i", "G"] {
      engine.press(.character(Character(key)), on: &state)
      #expect(state.palette?.query == "gallery pizza | red heart | cat face")
      engine.press(.escape, on: &state)
    }
    engine.press(.character("G"), .control("u"), on: &state)
    engine.carryOut(reduce(&state, .paste("gallery ")), on: &state)
    engine.carryOut(reduce(&state, .paste("lemon\nice\tcream\n")), on: &state)
    engine.press(.enter, on: &state)
    #expect(state.gallery?.entries == .prompts(["lemon", "ice cream"]))
  }

  @Test("is of the run's prompts, or of those of the session, where none is given") mutating func own() {
    var state = Scenes.prompted(["a", "b", "a"], engine: &engine)
    engine.carryOut(reduce(&state, .gallery(.prompts([]))), on: &state)
    #expect(state.gallery?.entries == .prompts(["a", "b"]))
    var other = Scenes.prompted(["pizza"], engine: &engine)
    engine.press(.character("i"), .character("x"), .enter, on: &other)
    engine.carryOut(reduce(&other, .gallery(.prompts([]))), on: &other)
    #expect(other.gallery?.entries == .prompts(["pizza", "x"]) && other.gallery?.cursor == 1)
    var silent = Scenes.prompted([], engine: &engine)
    engine.carryOut(reduce(&silent, .gallery(.prompts([]))), on: &silent)
    #expect(!silent.isInGallery && silent.notice?.hasPrefix("there are no prompts yet") == true)
    var plain = SmilingEngine()
    var pictures = Scenes.started(engine: &plain)
    plain.carryOut(reduce(&pictures, .gallery(.prompts(["a"]))), on: &pictures)
    #expect(!pictures.isInGallery && pictures.notice?.contains("takes no prompt") == true)
  }

  @Test("is in the session, with its marks and its place") mutating func session() throws {
    var state = opened(["pizza", "12", "cat face"])
    engine.press(.right, .character(" "), .right, on: &state)
    let data = try JSONEncoder().encode(state.savedSession { _ in "m" })
    let saved = try JSONDecoder().decode(SavedSession.self, from: data)
    var next = Scenes.started(engine: &engine)
    engine.carryOut(try next.resume(saved, keepsTheme: false, keepsRenderer: false), on: &next)
    #expect(next.isInGallery && next.gallery == state.gallery)
    #expect(next.gallery?.marks == [.prompt("12")] && next.gallery?.cursor == 2)
    #expect(text(next).contains("3 of 3"))
  }

  @Test("is handed out with a caption for each prompt, and saved as runs") mutating func kept() throws {
    var state = opened()
    let handout = try #require(state.handout)
    #expect(handout.title == "Gallery of 3 prompts, seed 42")
    #expect(handout.figures.map { $0.caption.first } == ["\"pizza\"", "\"red heart\"", "\"cat face\""])
    #expect(handout.figures.map(\.request.settings.prompts) == Self.three.map { [$0] })
    engine.press(.right, on: &state)
    #expect(state.kept.settings.prompts == ["red heart"] && state.kept.settings.seeds == [42])
    engine.press(.character("G"), .control("u"), .escape, .character("y"), on: &state)
    #expect(state.isInGallery)
  }

  @Test("has the bits that each prompt has alone, and compare says where two part") func bits() throws {
    let settings = RunSettings(seeds: [3], steps: 3, threads: 2, prompts: ["pizza"])
    let state = State(
      size: Size(columns: 120, rows: 40), capabilities: Scenes.fullColor,
      run: RunRequest(model: .promptDemo, settings: settings))
    let source = DemoModel.source(named: DemoModel.promptName)
    var player = SnapshotPlayer(
      state: state, engine: PipelineEngine(open: { _ in try DiffusionPipeline.load(source, threads: 2) }),
      drawSeed: { 1 })
    try player.start()
    try player.perform(.gallery(.prompts(["pizza", "red heart"])))
    let gallery = try #require(player.state.gallery)
    let hashes = try gallery.entries.all.map {
      try #require(player.state.galleryImages.store.image(of: $0)).sha256
    }
    for key in [Key.character(" "), .right, .character(" "), .character("c"), .character("2")] {
      try player.perform(.action(.key(key)))
    }
    #expect(player.state.panes.map { $0.run?.statistics(.sample, at: 3)?.sha256 } == hashes)
    #expect(player.state.panes[1].divergence?.first == 1)
    #expect(text(player.state).contains("x_t first differs after step 1, timestep"))
    try player.perform(.set(.prompt, "pizza"))
    try player.perform(.set(.guidanceScale, "4"))
    for key in [Key.end] { try player.perform(.action(.key(key))) }
    #expect(player.state.panes[1].divergence?.first == 1)
    #expect(text(player.state).contains("guidance 4"))
  }
}
