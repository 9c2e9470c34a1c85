import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Images of a gallery that failed") struct GalleryFailureTests {
  private var engine = SmilingEngine()
  private static let reason =
    "out of memory for the weights of the model, which are 143 MB: close other programs, or take fewer seeds at a time"

  /// A gallery whose later half failed.
  private mutating func failed(_ columns: Int, _ rows: Int) throws -> State {
    var state = Scenes.started(columns, rows, steps: 4, engine: &engine)
    engine.answersSteps = false
    engine.carryOut(reduce(&state, .gallery(try GalleryEntries(parsing: "0-63"))), on: &state)
    while let request = engine.galleryWaiting {
      if state.gallery?.entries.index(of: request.entries[0]) ?? 0 < 32 {
        for action in engine.finishGallery() { engine.carryOut(reduce(&state, action), on: &state) }
      } else {
        var advance = GalleryAdvance(request)
        advance.failures = request.entries.map { GalleryAdvance.Failure(entry: $0, message: Self.reason) }
        advance.request.entries = []
        engine.carryOut([.gallery(.stop)] + reduce(&state, .galleryAdvanced(advance)), on: &state)
      }
    }
    return state
  }

  @Test("are counted on every page, in the colour of an alarm") mutating func count() throws {
    let state = try failed(100, 30)
    let failures = state.gallery?.entries.all.count { state.galleryImages.store.failure(of: $0) != nil } ?? 0
    let text = "\(64 - failures) of 64, \(failures) failed"
    #expect(failures > 0)
    let frame = view(state)
    #expect(FrameText(frame).text.split(separator: "\n").first?.contains(text) == true)
    let alarm = Look(theme: state.theme, capabilities: state.capabilities)[.alarm]
    #expect(frame[97, 0].style == alarm)
  }

  @Test("have their whole reason where there is room, with what to do", arguments: [(80, 24), (120, 40)])
  mutating func reason(columns: Int, rows: Int) throws {
    var state = try failed(columns, rows)
    engine.press(.end, on: &state)
    let words = FrameText(view(state)).text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("seed 63: \(Self.reason)"))
  }
}
