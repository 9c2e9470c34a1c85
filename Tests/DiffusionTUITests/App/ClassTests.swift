import DiffusionCore
import DiffusionTUI
import Foundation
import Testing

@Suite("Classes in the explorer") struct ClassTests {
  private var engine = SmilingEngine()

  init() { engine.useClasses() }

  private mutating func opened(_ labels: [ClassLabel] = [], columns: Int = 100) -> State {
    var request = RunRequest(settings: RunSettings(seeds: [42], steps: 4, threads: 1))
    request.settings.classLabels = labels
    var state = State(size: Size(columns: columns, rows: 30), capabilities: Scenes.fullColor, run: request)
    engine.carryOut(state.start(), on: &state)
    return state
  }

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  @Test("the screen has the class, and says that 0 is the default", arguments: [60, 80, 100, 200])
  mutating func shown(columns: Int) {
    #expect(text(opened(columns: columns)).contains("class 0 (default)"))
    #expect(text(opened([.number(3)], columns: columns)).contains("class 3 the third"))
  }

  @Test("a key edits it, and the footer names the key") mutating func edited() {
    var state = opened(columns: 200)
    #expect(text(state).contains("K class"))
    engine.press(.character("K"), .character("7"), .enter, on: &state)
    #expect(state.settings.classLabels == [.number(7)] && text(state).contains("class 7"))
    engine.press(.character("K"), on: &state)
    for character in "1,2" { engine.press(.character(character), on: &state) }
    engine.press(.enter, on: &state)
    #expect(state.settings.classLabels == [.number(1), .number(2)] && state.settings.batchSize == 2)
    engine.press(.character("K"), on: &state)
    for character in "golden retriever" { engine.press(.character(character), on: &state) }
    engine.press(.enter, on: &state)
    #expect(state.pane.latestSettings.classLabels == [.name("golden retriever")])
  }

  @Test("a model without classes says why the key does nothing") func without() {
    var engine = SmilingEngine()
    var state = Scenes.started(200, 30, engine: &engine)
    engine.press(.character("K"), on: &state)
    #expect(state.editor == nil && state.notice?.contains("has no classes") == true)
    #expect(!FrameText(view(state)).text.contains("K class"))
    _ = reduce(&state, .gallery(.classes([.number(1)])))
    #expect(!state.isInGallery && state.notice?.contains("has no classes") == true)
  }

  @Test(
    "a gallery of classes is read from numbers, ranges and names",
    arguments: [
      ("classes 0-7", (0..<8).map(ClassLabel.number)), ("class 3", [.number(3)]),
      ("classes 5, golden retriever,1-2,5", [.number(5), .name("golden retriever"), .number(1), .number(2)]),
    ])
  func read(text: String, labels: [ClassLabel]) throws {
    let entries = try GalleryEntries(parsing: text)
    #expect(entries == .classes(labels))
    #expect(try GalleryEntries(parsing: entries.text) == entries, "\(entries.text)")
  }

  @Test("or refused in one line", arguments: ["classes", "classes 7-0", "classes ,", "classes 0-99999", "class -"])
  func refused(text: String) throws {
    let error = try #require(throws: DiffusionError.self) { try GalleryEntries(parsing: text) }
    #expect(error.kind == .usage && !error.message.contains("\n"))
  }

  @Test("eight classes stand side by side at one seed") mutating func gallery() throws {
    var state = opened(columns: 120)
    engine.carryOut(reduce(&state, .gallery(.classes((0..<8).map(ClassLabel.number)))), on: &state)
    for part in ["gallery  8 classes, seed 42", "8 of 8", "class 0   seed 42"] {
      #expect(text(state).contains(part), "\(part)")
    }
    engine.press(.right, .right, .enter, on: &state)
    #expect(state.settings.classLabels == [.number(2)] && state.settings.seeds == [42] && state.returnsToGallery)
    engine.press(.escape, .character(" "), .right, .character(" "), .character("c"), on: &state)
    #expect(state.panes.map(\.request.settings.classLabels) == [[.number(2)], [.number(3)]])
    #expect(text(state).contains("class 2") && text(state).contains("class 3"))
  }

  @Test("a session restores it, its marks too") mutating func session() throws {
    var state = opened()
    let entries = try GalleryEntries(parsing: "classes 0-3,golden retriever")
    engine.carryOut(reduce(&state, .gallery(entries)), on: &state)
    engine.press(.right, .character(" "), on: &state)
    let gallery = try #require(state.gallery)
    let saved = try JSONDecoder().decode(
      SavedGallery.self, from: JSONEncoder().encode(SavedGallery(gallery, place: .shown)))
    let restored = try saved.gallery(state.pane.latestRequest)
    #expect(restored.entries == entries && restored.marks == gallery.marks && restored.cursor == 1)
  }

  @Test("guidance without a prompt is that of the class") mutating func guidance() {
    var state = opened([.number(3)], columns: 200)
    #expect(text(state).contains("guidance 4"))
    engine.press(.character("W"), .character("2"), .enter, on: &state)
    #expect(state.settings.guidanceScale == 2)
    engine.press(.character("i"), on: &state)
    #expect(state.editor == nil && state.notice?.contains("takes no prompt") == true)
  }
}
