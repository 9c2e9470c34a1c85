import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Keys of a lesson before their turn") struct EarlyLessonKeyTests {
  /// A lesson, keys, and the page that they lead to, from 1.
  struct Trial: Sendable {
    let lesson: String
    let keys: String
    let page: Int
  }

  private func player(_ name: String, after keys: String) throws -> LessonPlayer {
    let lesson = try #require(LessonScenes.all.first { $0.name == name })
    var player = try LessonPlayer(lesson)
    for key in try KeySequence(parsing: keys).keys { try player.press(key) }
    return player
  }

  @Test(
    "count: what they show stays, and the page that speaks of it comes",
    arguments: [
      Trial(lesson: "precision", keys: "D right", page: 2), Trial(lesson: "batch", keys: "3 end", page: 2),
      Trial(lesson: "batch", keys: "tab tab end", page: 2), Trial(lesson: "list", keys: "3 end", page: 2),
      Trial(lesson: "close", keys: "2 right D end", page: 3), Trial(lesson: "close", keys: "D right 2 end", page: 3),
      Trial(lesson: "step", keys: "right T v T", page: 4), Trial(lesson: "step", keys: "right v T v v T", page: 5),
      Trial(lesson: "step", keys: "right v T esc v v", page: 5), Trial(lesson: "steps", keys: "v 3", page: 2),
      Trial(lesson: "guidance", keys: "D end D", page: 3), Trial(lesson: "guidance", keys: "end D 3 D", page: 4),
      Trial(lesson: "guidance", keys: "end D D t 3", page: 4), Trial(lesson: "eta", keys: "v right v v", page: 3),
      Trial(lesson: "precision", keys: "right D end p D P", page: 5),
    ])
  func count(trial: Trial) throws {
    let state = try player(trial.lesson, after: trial.keys).state
    #expect(state.lesson?.index == trial.page - 1, "\(trial)")
    #expect(!state.lessonFindings.isEmpty && state.lessonFindings.allSatisfy(\.holds), "\(trial)")
  }

  @Test(
    "leave no page that speaks of a screen which is not there without a cross",
    arguments: [
      Trial(lesson: "precision", keys: "D right D", page: 2), Trial(lesson: "close", keys: "2 right D end D", page: 3),
      Trial(lesson: "step", keys: "right v T H", page: 4), Trial(lesson: "step", keys: "right T v", page: 3),
      Trial(lesson: "batch", keys: "end 3 1", page: 2), Trial(lesson: "guidance", keys: "D end", page: 2),
      Trial(lesson: "batch", keys: "end 3 D", page: 2), Trial(lesson: "drift", keys: "F end p", page: 2),
    ])
  func crosses(trial: Trial) throws {
    var player = try player(trial.lesson, after: trial.keys)
    #expect(player.state.lesson?.index == trial.page - 1, "\(trial)")
    #expect(player.state.lessonFindings.contains { !$0.holds }, "\(trial)")
    #expect(FrameText(view(player.state)).text.contains("no longer where the text is"), "\(trial)")
    try player.press(.character("a"))
    #expect(player.state.lesson?.index == trial.page - 1, "\(trial)")
    #expect(!player.state.lessonFindings.contains { !$0.holds }, "\(trial)")
  }

  @Test("count no longer once their effect is undone") func undone() throws {
    let state = try player("precision", after: "D D right").state
    #expect(state.lesson?.index == 0 && state.lesson?.nextKey == .character("D"))
  }

  @Test("take nothing back when they are pressed again as the page asks, also while the engine works") func again() {
    var engine = SmilingEngine()
    var state = LessonScenes.started(engine: &engine)
    state.lessonFiles = [
      "test": LessonScenes.text.replacing("keys = [\"right\", \"right\"]", with: "keys = [\"end\", \"D\"]")
    ]
    engine.press(.character("L"), .enter, .character("D"), on: &state)
    #expect(state.lesson?.index == 0 && state.lesson?.pressed == 1 && state.lesson?.nextKey == .end)
    engine.answersSteps = false
    engine.press(.end, .character("D"), on: &state)
    #expect(state.compare.view == .difference && state.lesson?.index == 0)
    engine.answersSteps = true
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(state.compare.view == .difference && state.lesson?.index == 1)
  }

  @Test(
    "count by what they do, whichever of the keys for it is pressed",
    arguments: [
      Trial(lesson: "step", keys: "enter", page: 2), Trial(lesson: "step", keys: "l", page: 2),
      Trial(lesson: "seed", keys: "c $", page: 3), Trial(lesson: "seed", keys: "c ctrl-e", page: 3),
      Trial(lesson: "halves", keys: "$ ^ enter v v", page: 3),
    ])
  func commands(trial: Trial) throws {
    let state = try player(trial.lesson, after: trial.keys).state
    #expect(state.lesson?.index == trial.page - 1, "\(trial)")
  }

  @Test("do not count where they do something else") func elsewhere() throws {
    let zoomed = try player("step", after: "z right").state
    #expect(zoomed.lesson?.index == 0 && zoomed.position == 0 && zoomed.lesson?.pressed == 0)
    let helped = try player("seed", after: "c ? end").state
    #expect(helped.lesson?.index == 1 && helped.position == 0 && helped.lesson?.pressed == 0)
  }
}
