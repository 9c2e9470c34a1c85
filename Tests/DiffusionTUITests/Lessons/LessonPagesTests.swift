import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Pages of a lesson") struct LessonPagesTests {
  @Test("end with a question to try and a page that sums up", arguments: LessonScenes.all)
  func ends(lesson: Lesson) throws {
    let texts = lesson.steps.suffix(2).map { $0.paragraphs.joined(separator: " ") }
    let question = try #require(texts.first), summary = try #require(texts.last)
    #expect(question.contains("To try: ") && question.contains("?"), "\(lesson.name)")
    #expect(summary.contains("In short: "), "\(lesson.name)")
  }

  @Test("are put back as they expect, from wherever the learner went", arguments: LessonScenes.all)
  func putBack(lesson: Lesson) throws {
    var player = try LessonPlayer(lesson)
    for key in lesson.steps.flatMap(\.keys) { try player.press(key) }
    let last = lesson.steps.count - 1
    for key in [Key.home, .character("v"), .character("C"), .character("u")] { try player.press(key) }
    try player.press(.backspace)
    expect(player.state, isAt: last - 1, of: lesson)
    for key in lesson.steps[last - 1].keys { try player.press(key) }
    expect(player.state, isAt: last, of: lesson)
  }

  @Test("begin again as they expect") func again() throws {
    let lesson = try #require(LessonScenes.all.first { $0.name == "seed" })
    var player = try LessonPlayer(lesson)
    for key in lesson.steps.prefix(2).flatMap(\.keys) { try player.press(key) }
    for key in [Key.character("r"), .character("v"), .character("C"), .character("u")] { try player.press(key) }
    #expect(lesson.steps[2].checks.contains { !$0.finding(in: player.state).holds })
    try player.press(.character("a"))
    expect(player.state, isAt: 2, of: lesson)
  }

  private func expect(_ state: State, isAt page: Int, of lesson: Lesson) {
    #expect(state.lesson?.index == page && state.lesson?.isPreparing == false)
    #expect(state.lesson?.pressed == 0)
    for check in lesson.steps[page].checks {
      #expect(check.finding(in: state).holds, "\(lesson.name), page \(page + 1): \(check)")
    }
  }

  @Test("keep the tabs in sight at 80x24 where v is taught", arguments: LessonScenes.all.filter(\.teachesViews))
  func tabs(lesson: Lesson) throws {
    var player = try LessonPlayer(lesson)
    for step in lesson.steps {
      let header = try #require(FrameText(view(player.state)).text.split(separator: "\n").first)
      #expect(header.contains("predicted"), "\(lesson.name), page \((player.state.lesson?.page ?? 0) + 1)")
      for key in step.keys { try player.press(key) }
    }
  }

  @Test("where no lesson is open, back is a step back, and again says so; the first page is the first")
  func atTheEdges() {
    var engine = SmilingEngine()
    var state = LessonScenes.started(engine: &engine)
    let position = state.position
    engine.press(.right, .backspace, on: &state)
    #expect(state.position == position && state.notice == nil)
    engine.press(.character("a"), on: &state)
    #expect(state.position == position && state.notice?.hasPrefix("no lesson is open: press L") == true)
    engine.press(.character("L"), .enter, .backspace, on: &state)
    #expect(state.notice == "this is the first page")
    #expect(state.lesson?.index == 0)
  }

  @Test("a key that comes early waits for its page, and is taken in turn") func early() {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(engine: &engine)
    engine.answersSteps = false
    engine.press(.right, .right, .character("s"), .character("7"), .enter, on: &state)
    #expect(state.lesson?.index == 0 && state.editor == nil, "the engine is still at the first page's keys")
    #expect(state.focus == 0 && state.settings.seeds == [1])
    engine.answersSteps = true
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(state.lesson?.isLast == true)
    #expect(state.settings.seeds == [7])
    #expect(state.position == 2)
  }

  @Test("keys of several pages that come early keep their order, also while those before them are taken")
  func earlyInOrder() {
    let text = LessonScenes.text.replacing(
      "keys = [\"s\", \"7\", \"enter\"]", with: "keys = [\"right\", \"s\", \"7\", \"enter\"]")
    var engine = SmilingEngine()
    var state = LessonScenes.started(engine: &engine)
    state.lessonFiles = ["test": text]
    engine.press(.character("L"), .enter, on: &state)
    engine.answersSteps = false
    engine.press(.right, .right, .right, .character("s"), on: &state)
    #expect(state.lesson?.index == 0)
    // The first page's keys are done, and the engine is at the first of the second's.
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    engine.press(.character("7"), .enter, on: &state)
    engine.answersSteps = true
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(state.lesson?.isLast == true && state.editor == nil)
    #expect(state.settings.seeds == [7])
  }

  @Test("while a page is prepared other keys wait, and Esc twice leaves") func preparing() {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(engine: &engine)
    engine.press(.right, .right, on: &state)
    engine.answersSteps = false
    engine.press(.character("a"), on: &state)
    #expect(state.lesson?.isPreparing == true && state.lesson?.page == 1)
    #expect(FrameText(view(state)).text.contains("2/3"))
    #expect(FrameText(view(state)).text.contains("getting ready"))
    engine.press(.character("s"), .character("7"), on: &state)
    #expect(state.editor == nil)
    var left = state, leaving = engine
    leaving.press(.escape, on: &left)
    #expect(left.lesson?.isPreparing == true)
    leaving.press(.escape, on: &left)
    #expect(left.lesson == nil)
    engine.answersSteps = true
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(state.lesson?.isPreparing == false && state.editor != nil)
    engine.press(.enter, on: &state)
    #expect(state.lesson?.isLast == true && state.settings.seeds == [7])
  }

  @Test("a lesson that was left is taken up where it was, also in the next session") func resumes() throws {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(engine: &engine)
    engine.press(.right, .right, .character("v"), .escape, .escape, on: &state)
    #expect(state.news == "left on page 2 of 3: press L to take the lesson up again")
    let saved = state.savedSession { _ in "m" }
    engine.press(.character("L"), on: &state)
    #expect(FrameText(view(state)).text.contains("page 2 of 3"))
    engine.press(.enter, on: &state)
    #expect(state.lesson?.index == 1 && state.position == 2 && state.view == .sample)
    // The same from a session that was saved while the lesson was open.
    #expect(state.savedSession { _ in "m" } == saved)
    var next = Scenes.started(engine: &engine)
    next.lessonFiles = ["test": LessonScenes.text]
    engine.carryOut(try next.resume(saved, keepsTheme: false, keepsRenderer: false), on: &next)
    engine.press(.character("L"), .enter, on: &next)
    #expect(next.lesson?.index == 1 && next.position == 2)
    engine.press(.character("s"), .character("7"), .enter, .escape, .escape, .character("L"), on: &next)
    #expect(FrameText(view(next)).text.contains("done"))
    engine.press(.enter, on: &next)
    #expect(next.lesson?.index == 0, "a lesson that was taken to its end begins anew")
  }

  @Test("Backspace in the list begins a lesson at its first page, wherever it was left") func anew() {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(engine: &engine)
    engine.press(.right, .right, .escape, .escape, .character("L"), .backspace, on: &state)
    #expect(state.lesson?.page == 0 && state.position == 0)
  }

  @Test("the plot over the steps shows how far runs drift apart, while differences are shown") func growth() throws {
    let lesson = try #require(LessonScenes.all.first { $0.name == "precision" })
    var player = try LessonPlayer(lesson, size: Size(columns: 200, rows: 60))
    for key in lesson.steps.prefix(3).flatMap(\.keys) { try player.press(key) }
    let divergence = try #require(player.state.panes[2].divergence)
    #expect(divergence.largest.count == 9 && divergence.largest[0] == 0)
    #expect(divergence.largest[8] > 20 * divergence.largest[1])
    #expect(player.state.panes[1].divergence?.largest == [Double](repeating: 0, count: 9))
    #expect(player.state.inspection.differenceScale.label == "1e-2")
    let text = FrameText(view(player.state)).text
    #expect(text.contains("largest difference of x_t from run 1") && text.contains("max|d| 3"))
    #expect(text.contains("max|d| 2 0 "), "whole numbers are whole numbers")
  }

  @Test("a difference that the colours cannot show is a word, not a white picture", arguments: [(80, 24), (100, 30)])
  func faint(columns: Int, rows: Int) throws {
    let lesson = try #require(LessonScenes.all.first { $0.name == "precision" })
    var player = try LessonPlayer(lesson, size: Size(columns: columns, rows: rows))
    for key in lesson.steps[0].keys { try player.press(key) }
    let words = "too small to see"
    #expect(!FrameText(view(player.state)).text.contains(words))
    for _ in 0..<2 { try player.press(.character("[")) }
    #expect(FrameText(view(player.state)).text.contains(words))
    try player.press(.character("]"))
    #expect(!FrameText(view(player.state)).text.contains(words))
  }
}
