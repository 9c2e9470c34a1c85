import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Leaving a lesson") struct LeavingLessonTests {
  private var engine = SmilingEngine()

  @Test("Esc asks once steps were taken, and any other key takes the question back") mutating func asks() {
    var state = LessonScenes.opened(engine: &engine)
    engine.press(.right, .escape, on: &state)
    #expect(state.lesson != nil && state.completedSteps == 1)
    #expect(state.notice == "Esc again leaves the lesson; then press L to take it up again")
    engine.press(.character("v"), .escape, on: &state)
    #expect(state.lesson != nil && state.notice?.hasPrefix("Esc again leaves") == true)
    engine.press(.escape, on: &state)
    #expect(state.lesson == nil)
  }

  @Test("a lesson without steps is left at once, and says where") mutating func atOnce() {
    var state = LessonScenes.opened(engine: &engine)
    engine.press(.escape, on: &state)
    #expect(state.lesson == nil)
    #expect(state.news == "left on page 1 of 3: press L to take the lesson up again")
    engine.press(.character("L"), on: &state)
    #expect(FrameText(view(state)).text.contains("page 1 of 3"))
  }

  @Test("Esc stops playback first, and leaves the lesson and its steps alone") mutating func playback() {
    var state = LessonScenes.opened(engine: &engine)
    engine.answersSteps = false
    engine.press(.character(" "), on: &state)
    #expect(state.playback.isPlaying)
    engine.press(.escape, on: &state)
    #expect(!state.playback.isPlaying && state.lesson != nil)
  }

  @Test("a page that was reached stays kept when the lesson is begun anew and left on page 1") mutating func anew() {
    var state = LessonScenes.opened(engine: &engine)
    engine.press(.right, .right, .escape, .escape, .character("L"), .backspace, .escape, on: &state)
    #expect(state.news == "left on page 1 of 3: press L to take the lesson up again on page 2")
    engine.press(.character("L"), .enter, on: &state)
    #expect(state.lesson?.page == 1)
  }

  @Test("Esc drops the keys that came early, and what they would have done") mutating func dropsEarly() {
    var state = LessonScenes.opened(engine: &engine)
    engine.answersSteps = false
    engine.press(.right, .right, .character("s"), .character("7"), .escape, on: &state)
    #expect(state.lesson != nil)
    engine.answersSteps = true
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(state.lesson?.page == 1 && state.editor == nil && state.settings.seeds == [1])
  }

  @Test("letters that are typed early are text, also those that turn pages, leave or quit", arguments: ["a", "q", "L"])
  mutating func typedEarly(letter: String) {
    var state = LessonScenes.opened(engine: &engine)
    engine.answersSteps = false
    engine.press(.right, .right, .character("s"), .character("7"), on: &state)
    #expect(reduce(&state, .key(.character(Character(letter)))) == [])
    #expect(state.lesson?.page == 0 && state.lesson?.isPreparing == false)
    engine.answersSteps = true
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(state.lesson?.page == 1)
    #expect(state.editor?.text == "7" + letter)
  }

  @Test("keys behind an early one that begins the page again wait for it") mutating func behindAgain() {
    var state = LessonScenes.opened(engine: &engine)
    engine.answersSteps = false
    let typed: [Key] = [.right, .right, .character("s"), .character("7"), .enter, .character("a"), .character("v")]
    for key in typed { engine.press(key, on: &state) }
    engine.answersSteps = true
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(state.lesson?.isPreparing == false && state.view != .sample)
  }

  @Test("quitting keeps the place, and the lesson goes on there and says so") mutating func quitting() throws {
    var state = LessonScenes.opened(engine: &engine)
    let lesson = try #require(state.lesson?.lesson)
    engine.press(.right, .right, on: &state)
    #expect(reduce(&state, .key(.character("q"))) == [.quit])
    var next = LessonScenes.started(engine: &engine)
    next.lessonPlaces = state.withoutLesson.lessonPlaces
    engine.carryOut(next.takeUp(lesson), on: &next)
    #expect(next.lesson?.index == 1 && next.position == 2)
    #expect(next.news == "you were on page 2 of 3, and go on there: press Backspace for the page before")
  }

  @Test("a place is kept beside the runs of the last session, and a damaged file is left alone")
  mutating func
    places() throws
  {
    var state = LessonScenes.opened(engine: &engine)
    let before = state.savedSession { _ in "demo" }
    engine.press(.right, .right, on: &state)
    let places = state.withoutLesson.lessonPlaces
    let files = FakeFiles(), path = "/state/diffusion-tui/session.json"
    let store = SessionStore(path: path, files: files.system)
    var saved = before
    saved.view = "eps"
    saved.lessons = nil
    try store.save(saved)
    try store.keep(places, model: "demo", otherwise: before)
    saved.lessons = places
    #expect(store.load(model: "demo").session == saved)
    try files.system.write(Array("{".utf8), path)
    try store.keep(places, model: "demo", otherwise: before)
    #expect(try files.system.read(path) == Array("{".utf8))
  }
}
