import DiffusionTUI
import Lessons

/// The lessons that come with the program, and one written for tests.
enum LessonScenes {
  static let files = BuiltInLessons.all
  static let all = LessonLibrary(files: files).lessons

  /// A lesson with two runs for the smiling engine.
  static let text = """
    title = "A test"
    summary = "Two runs."

    [[runs]]
    seed = 1
    steps = 4

    [[runs]]
    seed = 2
    steps = 4
    eta = 0.5

    [[steps]]
    text = \"\"\"
    The first paragraph has some words that have to be wrapped, for it is longer than a line of a terminal.

    The second one is short. Press the right arrow twice.
    \"\"\"
    keys = ["right", "right"]
    checks = [{ position = 0 }, { different-noise = [1, 2] }]

    [[steps]]
    text = "Press s, 7 and Enter."
    keys = ["s", "7", "enter"]
    checks = [{ position = 2 }, { std-below = { pane = 1, value = 2 } }]

    [[steps]]
    text = "That was it."
    checks = [{ panes = 2 }]

    """

  /// A state with that as its only lesson.
  static func started(_ columns: Int = 80, _ rows: Int = 24, engine: inout SmilingEngine) -> State {
    var state = Scenes.after(2, columns, rows, steps: 6, engine: &engine)
    state.lessonFiles = ["test": text]
    return state
  }

  /// The same, with the lesson open.
  static func opened(_ columns: Int = 80, _ rows: Int = 24, engine: inout SmilingEngine) -> State {
    var state = started(columns, rows, engine: &engine)
    engine.press(.character("L"), .enter, on: &state)
    return state
  }
}

extension LessonScenes {
  /// The findings on the claims of the current step.
  static func findings(_ state: State) -> [LessonFinding] {
    state.lesson?.step.checks.map { $0.finding(in: state) } ?? []
  }
}
