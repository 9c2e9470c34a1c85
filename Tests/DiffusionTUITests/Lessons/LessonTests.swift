import DiffusionCore
import DiffusionTUI
import Foundation
import Testing

@Suite("Taking a lesson") struct LessonTests {
  @Test("L opens the list, Enter begins, and the lesson's runs take the place of the others") func opens() {
    var engine = SmilingEngine()
    var state = LessonScenes.started(engine: &engine)
    engine.press(.character("L"), on: &state)
    #expect(state.lessonList?.chosen?.name == "test")
    engine.press(.enter, on: &state)
    #expect(state.lessonList == nil)
    #expect(state.panes.map(\.settings.seeds) == [[1], [2]])
    #expect(state.panes.map(\.settings.eta) == [0, 0.5])
    #expect(state.panes.allSatisfy { $0.run != nil && $0.position == 0 })
  }

  @Test("the awaited keys advance the lesson and do what they always do") func leads() {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(engine: &engine)
    engine.press(.right, on: &state)
    #expect(state.lesson?.index == 0)
    #expect(state.lesson?.nextKey == .right)
    #expect(state.position == 1)
    engine.press(.character("l"), on: &state)
    #expect(state.lesson?.index == 1, "another key for the same action is as good")
    engine.press(.character("s"), .character("7"), .enter, on: &state)
    #expect(state.lesson?.isLast == true)
    #expect(state.settings.seeds == [7])
  }

  @Test("any other key works but does not advance the lesson") func otherKeys() {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(engine: &engine)
    engine.press(.right, .character("v"), .character("t"), on: &state)
    #expect(state.view == .predOriginalSample)
    #expect(state.lesson?.index == 0)
    #expect(state.lesson?.pressed == 0, "a sequence that was left begins again")
    engine.press(.right, .right, on: &state)
    #expect(state.lesson?.index == 1)
    let findings = LessonScenes.findings(state)
    #expect(findings.first?.holds == false, "three steps are taken where two are said")
    #expect(FrameText(view(state)).text.contains("no longer where the text is"))
  }

  @Test("a rebound key is named and awaited by its new binding") func rebound() throws {
    var engine = SmilingEngine()
    var state = LessonScenes.started(engine: &engine)
    state.keyMap = try KeyMap.standard.rebound(["step-forward": [.character("w")]])
    engine.press(.character("L"), .enter, on: &state)
    #expect(state.lessonKeyLabels(unicode: true) == ["w", "w"])
    #expect(!state.isAwaited(.right))
    engine.press(.character("w"), .character("w"), on: &state)
    #expect(state.lesson?.index == 1)
  }

  @Test("the next text waits until the engine is done") func waits() {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(engine: &engine)
    engine.press(.right, on: &state)
    engine.answersSteps = false
    engine.press(.right, on: &state)
    #expect(state.lesson?.index == 0)
    #expect(FrameText(view(state)).text.contains("computing"))
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(state.lesson?.index == 1)
  }

  @Test(
    "Esc twice and L leave at any point, and everything is restored",
    arguments: [[Key.escape, .escape], [.character("L")]], 0...3)
  func leaves(leaving: [Key], pressed: Int) {
    var engine = SmilingEngine()
    var state = LessonScenes.started(engine: &engine)
    engine.press(.character("c"), .character("u"), .character("v"), on: &state)
    let before = state
    engine.press(.character("L"), .enter, on: &state)
    let keys: [Key] = [.right, .right, .character("c")]
    for key in keys.prefix(pressed) { engine.press(key, on: &state) }
    engine.answersSteps = false
    engine.press(.right, on: &state)
    for key in leaving {
      #expect(state.lesson != nil)
      engine.press(key, on: &state)
    }
    #expect(state.lesson == nil)
    #expect(state.withoutRunNumber == before.withoutRunNumber)
    #expect(Set(engine.runs.keys) == Set(before.panes.compactMap(\.run?.number)), "the lesson's runs are forgotten")
    engine.answersSteps = true
    engine.press(.end, on: &state)
    #expect(state.panes.allSatisfy { $0.position == $0.stepCount }, "the runs go on where they were")
  }

  @Test("runs that were computing or starting when it began continue when it is left") func interrupted() {
    var engine = SmilingEngine()
    var state = LessonScenes.started(engine: &engine)
    engine.answersSteps = false
    engine.press(.end, on: &state)
    #expect(state.isComputing)
    // A run that is requested but not answered before the lesson begins.
    let restart = reduce(&state, .key(.character("r")))
    #expect(restart.count == 1 && state.isStarting)
    engine.press(.character("L"), .enter, on: &state)
    #expect(state.panes.count == 2 && !state.isStarting)
    engine.press(.escape, on: &state)
    #expect(state.lesson == nil && !state.isBusy)
    #expect(state.run != nil && state.position == 0)
  }

  @Test("Esc closes an editor or help first, and also the list") func closesFirst() {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(engine: &engine)
    for opener in ["s", "?", ":"] {
      engine.press(.character(Character(opener)), .escape, on: &state)
      #expect(state.lesson != nil && state.editor == nil && state.helpScroll == nil && state.palette == nil)
    }
    engine.press(.escape, .character("L"), .escape, on: &state)
    #expect(state.lesson == nil && state.lessonList == nil)
  }

  @Test("the program starts with a lesson, and leaving it starts the requested run") func fromTheCommandLine()
    throws
  {
    var engine = SmilingEngine()
    var state = State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor,
      run: RunRequest(settings: RunSettings(seeds: [42], steps: 5, threads: 1)))
    let lesson = try LessonParser(name: "test", path: "test.toml").parse(LessonScenes.text)
    engine.carryOut(state.begin(lesson), on: &state)
    #expect(state.panes.count == 2)
    engine.press(.escape, on: &state)
    #expect(state.run?.description.settings.seeds == [42])
  }

  @Test("a lesson the model cannot run gives a one-line notice and changes nothing") func impossible() throws {
    var engine = SmilingEngine()
    var state = Scenes.started(engine: &engine)
    let text = LessonScenes.text.replacingOccurrences(of: "steps = 4", with: "steps = 999")
    let short = State(
      size: state.size, capabilities: state.capabilities, run: RunRequest(settings: state.settings),
      numTrainTimesteps: 10)
    state = short
    let lesson = try LessonParser(name: "test", path: "test.toml").parse(text)
    #expect(state.begin(lesson) == [])
    #expect(state.lesson == nil)
    #expect(state.notice?.contains("steps 999 is not a whole number from 1 to 10") == true)
  }

  @Test("the saved session is the one from before the lesson") func session() {
    var engine = SmilingEngine()
    var state = LessonScenes.started(engine: &engine)
    let before = state.savedSession { _ in "m" }
    engine.press(.character("L"), .enter, .right, on: &state)
    var saved = state.savedSession { _ in "m" }
    #expect(saved.lessons != nil, "the place is kept")
    saved.lessons = before.lessons
    #expect(saved == before)
  }
}

extension State {
  /// Without the run counter, which a lesson advances, and the lesson's place, which is kept.
  fileprivate var withoutRunNumber: State {
    var state = self
    state.lastRunNumber = 0
    (state.notice, state.news) = (nil, nil)
    state.lessonPlaces = LessonPlaces()
    return state
  }
}
