/// A lesson that is being taken.
package struct OpenLesson: Sendable, Equatable {
  /// What is taken.
  package let lesson: Lesson
  /// The lesson that follows it in the list.
  package let next: Lesson?
  /// What leaving comes back to.
  package let kept: KeptExplorer
  /// Which step is read, from 0.
  package private(set) var index = 0
  /// How many of the step's keys were pressed.
  package private(set) var pressed = 0
  /// Whether something was opened that the lesson did not ask for: what is typed there is none of its keys.
  package var isAside = false
  /// The first line of the text that is shown, where it does not fit.
  package var scroll = 0

  package init(_ lesson: Lesson, next: Lesson?, kept: KeptExplorer) {
    self.lesson = lesson
    self.next = next
    self.kept = kept
  }

  /// The step that is read.
  package var step: LessonStep { lesson.steps[index] }
  /// What is to be pressed next, as keys come; nil while the engine works on the last one, and at the end.
  package var nextKey: Key? { step.keys.indices.contains(pressed) ? step.keys[pressed] : nil }
  /// Whether all keys of the step were pressed and their work is awaited.
  package var isWaiting: Bool { !isLast && nextKey == nil }
  /// Whether there is no step after this.
  package var isLast: Bool { index == lesson.steps.count - 1 }

  /// Takes note of the key that was awaited.
  package mutating func advanceKey() { pressed += 1 }

  /// Takes note of another key: the step's keys begin again.
  package mutating func restartKeys() { pressed = 0 }

  /// Goes on to the next step, once its work is done.
  package mutating func advanceStep() {
    guard !isLast else { return }
    index += 1
    pressed = 0
    scroll = 0
  }
}

extension State {
  /// Whether a lesson's keys are typed into something that it had opened, and mean no action.
  var isTypingForLesson: Bool { isModal && lesson?.isAside == false }

  /// The keys that are still to be pressed, as the screen names them.
  package func lessonKeyLabels(unicode: Bool) -> [String] {
    guard let lesson else { return [] }
    return lesson.step.keys.enumerated().map { index, key in
      // What is typed is named as it is; an action by the key that it has now.
      let isTyped = isTypingForLesson && index >= lesson.pressed
      let binding = KeyMap.standard.action(for: key).flatMap { action in keyMap.bindings.first { $0.action == action } }
      let shown = isTyped ? key : binding?.keys.contains(key) ?? true ? key : binding?.keys.first ?? key
      if unicode, let arrow = shown.arrow { return String(arrow) }
      return shown.label
    }
  }
}

/// The explorer as it was before a lesson, to be put back when the lesson is left. Its runs stay in the engine
/// meanwhile.
package struct KeptExplorer: Sendable, Equatable {
  private let panes: [Pane]
  private let focus: Int
  private let compare: Compare
  private let view: TensorView
  private let inspection: Inspection
  private let gallery: Gallery?
  private let layers: [Layer]

  /// Keeps a state's runs and how they stand.
  package init(_ state: State) {
    panes = state.panes
    focus = state.focus
    compare = state.compare
    view = state.view
    inspection = state.inspection
    gallery = state.gallery
    layers = state.layers.filter { $0.kind.isKept }
  }

  /// Puts everything back. A file that is being written goes on being written.
  package func restore(_ state: inout State) {
    state.panes = panes
    state.focus = focus
    state.compare = compare
    state.view = view
    state.inspection = inspection
    state.gallery = gallery
    state.layers = layers + state.layers.filter { $0.kind == .writing }
  }

  /// The numbers of runs that had not started yet; they are asked for anew.
  package var startingRuns: [Int] { panes.compactMap { $0.pending?.number } }
}
