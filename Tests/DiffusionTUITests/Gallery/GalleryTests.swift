import DiffusionCore
import DiffusionTUI
import Testing

@Suite("The gallery") struct GalleryTests {
  var engine = SmilingEngine()

  private mutating func opened(_ range: String = "0-29", _ columns: Int = 120, _ rows: Int = 40) throws -> State {
    var state = Scenes.started(columns, rows, steps: 8, engine: &engine)
    engine.carryOut(reduce(&state, .gallery(try GalleryEntries(parsing: range))), on: &state)
    return state
  }

  private func count(_ state: State) -> Int {
    state.gallery?.entries.all.count { state.galleryImages.store.image(of: $0) != nil } ?? 0
  }

  @Test("starts at the focused run's seed and fills in") mutating func opens() {
    var state = Scenes.started(120, 40, steps: 8, engine: &engine)
    engine.press(.character("G"), on: &state)
    #expect(state.isInGallery)
    #expect(state.gallery?.entries.label == "seeds 42 to 105")
    #expect(count(state) == 64)
    #expect(!state.isBusy)
    #expect(FrameText(view(state)).text.contains("64 of 64"))
  }

  @Test("fills in a few images at a time, those on the screen first") mutating func order() throws {
    var state = try opened()
    engine.press(.escape, on: &state)
    engine.answersSteps = false
    engine.carryOut(reduce(&state, .gallery(try GalleryEntries(parsing: "100-400"))), on: &state)
    let first = try #require(engine.galleryWaiting)
    #expect(first.entries.first == 100 && (1...16).contains(first.entries.count))
    engine.press(.end, on: &state)
    engine.finish(on: &state)
    #expect(FrameText(view(state)).text.contains("\(first.entries.count) of 301"))
    let next = try #require(engine.galleryWaiting)
    let numbers = next.entries.compactMap { if case .seed(let seed) = $0 { seed.number } else { nil } }
    #expect(numbers.contains { $0 > 350 } && !numbers.contains { $0 < 200 })
  }

  @Test("the cursor moves by images, rows and pages, and to the ends") mutating func moves() throws {
    var state = try opened()
    let layout = GalleryLayout(state)
    engine.press(.right, .right, .left, on: &state)
    #expect(state.gallery?.cursor == 1)
    engine.press(.down, on: &state)
    #expect(state.gallery?.cursor == 1 + layout.columns)
    engine.press(.up, .up, on: &state)
    #expect(state.gallery?.cursor == 0)
    engine.press(.end, .right, on: &state)
    #expect(state.gallery?.cursor == 29)
    engine.press(.pageUp, on: &state)
    #expect(state.gallery?.cursor == 29 - layout.pageSize)
    engine.press(.home, .pageDown, on: &state)
    #expect(state.gallery?.cursor == layout.pageSize)
  }

  @Test("the arrows move in the gallery even if the runs have the pixel cursor on") mutating func overAZoom() throws {
    var state = Scenes.started(120, 40, steps: 8, engine: &engine)
    engine.press(.character("z"), .character("G"), on: &state)
    let viewport = state.zoom
    engine.press(.right, .right, .down, .up, .left, on: &state)
    #expect(state.gallery?.cursor == 1)
    #expect(state.zoom == viewport && viewport?.cursor != nil)
    engine.press(.escape, .right, on: &state)
    #expect(state.zoom != viewport)
  }

  @Test("Enter opens the seed at its last step; Esc comes back, and Esc again leaves") mutating func opensARun() throws
  {
    var state = try opened()
    engine.press(.right, .right, .enter, on: &state)
    #expect(!state.isInGallery)
    #expect(state.settings.seeds == [2])
    #expect(state.position == 8)
    engine.press(.left, .escape, on: &state)
    #expect(state.isInGallery)
    #expect(state.gallery?.cursor == 2)
    engine.press(.enter, on: &state)
    #expect(state.position == 7)
    engine.press(.escape, .escape, .escape, on: &state)
    #expect(!state.isInGallery)
    engine.press(.character("G"), on: &state)
    #expect(state.gallery?.entries.label == "seeds 0 to 29")
  }

  @Test("marked seeds are compared in the order of the gallery") mutating func compares() throws {
    var state = try opened()
    let space = Key.character(" ")
    engine.press(.end, space, .home, space, .right, .right, space, on: &state)
    #expect(state.gallery?.marks == [0, 2, 29])
    engine.press(space, space, .character("c"), on: &state)
    #expect(state.panes.map(\.settings.seeds) == [[0], [2], [29]])
    #expect(state.positions == [8, 8, 8])
    engine.press(.escape, on: &state)
    #expect(state.isInGallery)
  }

  @Test("a single seed is added to the runs; a ninth mark is refused") mutating func marks() throws {
    var state = try opened()
    engine.press(.right, .character("c"), on: &state)
    #expect(state.panes.map(\.settings.seeds) == [[42], [1]])
    engine.press(.escape, .home, on: &state)
    for _ in 0..<9 { engine.press(.character(" "), .right, on: &state) }
    #expect(state.gallery?.marks.count == 8)
    engine.press(.left, .character(" "), on: &state)
    #expect(state.notice?.contains("8 seeds are marked") == true)
  }

  @Test("images are kept only while the settings are the same") mutating func keeps() throws {
    var state = try opened()
    engine.press(.escape, .character("s"), .character("9"), .enter, on: &state)
    engine.answersSteps = false
    engine.press(.character("G"), on: &state)
    #expect(count(state) == 30 && engine.galleryWaiting == nil)
    engine.press(.character("n"), .character("4"), .enter, on: &state)
    #expect(count(state) == 0)
    #expect(engine.galleryWaiting?.run.settings.steps == 4)
  }

  @Test("leaving stops it at once; late images are kept only if they have its settings") mutating func leaves()
    throws
  {
    engine.answersSteps = false
    var state = try opened()
    let late = engine
    engine.press(.escape, on: &state)
    #expect(engine.galleryWaiting == nil && !state.isBusy)
    var other = state
    var finished = late
    for action in finished.finishGallery() { #expect(reduce(&state, action).isEmpty) }
    #expect(count(state) > 0)
    engine.press(.character("n"), .character("4"), .enter, .character("G"), on: &other)
    finished = late
    for action in finished.finishGallery() { #expect(reduce(&other, action).isEmpty) }
    #expect(count(other) == 0)
  }

  @Test("a click selects an image, and the wheel moves by rows") mutating func mouse() throws {
    var state = try opened()
    let part = GalleryLayout(state).part(of: 4)
    _ = reduce(&state, .mouse(MouseEvent(.press, column: part.column + 1, row: part.row + 1, button: .left)))
    #expect(state.gallery?.cursor == 4)
    _ = reduce(&state, .mouse(MouseEvent(.wheelDown, column: 0, row: 0, button: .left)))
    #expect(state.gallery?.cursor == 4 + GalleryLayout(state).columns)
  }

  @Test("images grow and shrink by whole factors and fractions") mutating func sizes() throws {
    var state = try opened()
    var labels: [String] = []
    state.inspection.fit = .whole
    for key in ["-", "-", "-", "+", "+", "+", "+", "+"] {
      engine.press(.character(Character(key)), on: &state)
      labels.append(GalleryLayout(state).scale?.label ?? "")
    }
    let (half, quarter) = ("1/2, averaged", "1/4, averaged")
    #expect(labels == [quarter, quarter, quarter, half, "1x", "2x", "2x", "2x"])
  }

  @Test("all images fill the page if that is larger than a whole size", arguments: [(80, 24, 6), (200, 60, 24)])
  mutating func filling(columns: Int, rows: Int, count: Int) throws {
    var state = try opened("0-\(count - 1)", columns, rows)
    let layout = GalleryLayout(state)
    #expect(layout.page.count == count)
    state.inspection.fit = .whole
    let whole = GalleryLayout(state)
    #expect(whole.page.count == count && whole.picture.columns < layout.picture.columns)
  }

  @Test("the seed under the cursor is on the screen at every size") mutating func everySize() throws {
    var state = try opened("100-163")
    engine.press(.down, .right, on: &state)
    let label = try #require(state.gallery?.entry.label)
    for columns in stride(from: 20, to: 205, by: 12) {
      for rows in stride(from: 5, to: 62, by: 4) {
        _ = reduce(&state, .resize(Size(columns: columns, rows: rows)))
        #expect(FrameText(view(state)).text.contains(label), "\(columns)x\(rows)")
        let layout = GalleryLayout(state)
        for index in layout.page { #expect(layout.part(of: index).endRow <= layout.body.endRow) }
      }
    }
  }

  @Test("matches its golden files", arguments: [(20, 5), (80, 24), (120, 40), (200, 60)])
  mutating func screens(columns: Int, rows: Int) throws {
    var state = try opened("0-63", columns, rows)
    engine.press(.character(" "), .right, .down, on: &state)
    try Golden.check(view(state), "gallery-\(columns)x\(rows)", tier: .trueColor)
  }
}
