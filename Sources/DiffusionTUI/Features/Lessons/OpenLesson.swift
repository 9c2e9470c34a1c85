/// A lesson in progress.
package struct OpenLesson: Sendable, Equatable {
  /// The lesson.
  package let lesson: Lesson
  /// The next lesson in the list.
  package let next: Lesson?
  /// The state to restore when the lesson is left.
  package let kept: KeptExplorer
  /// Its pages, as they are on this machine.
  package let steps: [LessonStep]
  /// The index of the current step.
  package private(set) var index = 0
  /// The number of the step's keys that have been pressed.
  package private(set) var pressed = 0
  /// Whether something was opened that the lesson did not ask for; keys typed there do not count.
  package var isAside = false
  /// The first visible line of the text, if it does not fit.
  package var scroll = 0

  /// The page that is being prepared: the explorer takes the lesson's own keys up to it. Nil if none is.
  private var preparation: Preparation?
  /// Whether Esc was pressed, and the next one leaves the lesson.
  var isLeavingAsked = false
  /// Keys that were pressed before their turn. Each is taken as soon as the engine is done with those before it.
  private(set) var early: [Key] = []

  private struct Preparation: Equatable {
    let page: Int
    var keys: ArraySlice<Key>
  }

  /// Opens a lesson at its first page, or prepares another one.
  ///
  /// - Parameter standsIn: Whether another device stands in for that of a run.
  package init(_ lesson: Lesson, page: Int = 0, next: Lesson?, kept: KeptExplorer, standsIn: Bool = false) {
    self.lesson = lesson
    steps = standsIn ? lesson.steps.map(\.standingIn) : lesson.steps
    self.next = next
    self.kept = kept
    guard page > 0 else { return }
    preparation = Preparation(page: page, keys: lesson.steps[..<page].flatMap(\.keys)[...])
  }

  /// The index of the page that is shown.
  package var page: Int { preparation?.page ?? index }
  /// The page that is shown.
  package var step: LessonStep { steps[page] }
  /// Whether the explorer is still taking the keys up to the page.
  package var isPreparing: Bool { preparation != nil }
  /// The default key to press next; nil while the engine works on the last one, and at the end.
  package var nextKey: Key? {
    let keys = lesson.steps[index].keys
    return keys.indices.contains(pressed) ? keys[pressed] : nil
  }
  /// Whether all keys of the step were pressed and the engine is still working on them.
  package var isWaiting: Bool { !isLast && nextKey == nil }
  /// Whether this is the last step.
  package var isLast: Bool { index == lesson.steps.count - 1 }

  /// The default key that the following pages wait for first.
  var upcomingKey: Key? { lesson.steps[(index + 1)...].first { !$0.keys.isEmpty }?.keys.first }

  /// Keeps a key until its turn.
  mutating func hold(_ key: Key) { early.append(key) }

  /// Drops the keys that were kept, but not those of the page's preparation.
  mutating func dropEarlyKeys() { early = [] }

  /// Takes the next key that was kept: one of the page's preparation, a default key, or else an early one.
  mutating func takeHeldKey() -> (key: Key, isDefault: Bool)? {
    if let key = preparation?.keys.popFirst() { return (key, true) }
    if let page = preparation?.page {
      (index, pressed, isAside, preparation) = (page, 0, false, nil)
    }
    return early.isEmpty ? nil : (early.removeFirst(), false)
  }

  /// Records that the expected key was pressed.
  package mutating func advanceKey() { pressed += 1 }

  /// Records that another key was pressed: the step's keys start over.
  package mutating func restartKeys() { pressed = 0 }

  /// Advances to the next step, once the engine is done.
  package mutating func advanceStep() {
    guard !isLast else { return }
    index += 1
    pressed = 0
    scroll = 0
  }
}

extension State {
  /// Whether keys are typed into something that the lesson asked to open, where they trigger no actions.
  var isTypingForLesson: Bool { isModal && lesson?.isAside == false }

  /// The remaining keys, as the screen names them.
  package func lessonKeyLabels(unicode: Bool) -> [String] {
    guard let lesson else { return [] }
    return lesson.step.keys.enumerated().map { index, key in
      // A typed key is shown as it is; an action by its current key.
      let isTyped = isTypingForLesson && index >= lesson.pressed
      let shown = isTyped ? key : boundKey(key)
      if unicode, let arrow = shown.arrow { return String(arrow) }
      return shown.label
    }
  }
}

extension State {
  /// The key of the user's that does what a default key does.
  func boundKey(_ key: Key) -> Key {
    let binding = KeyMap.standard.action(for: key).flatMap { action in keyMap.bindings.first { $0.action == action } }
    return binding?.keys.contains(key) ?? true ? key : binding?.keys.first ?? key
  }
}

/// The explorer's state before a lesson, restored when the lesson is left. Its runs stay in the engine in the meantime.
package struct KeptExplorer: Sendable, Equatable {
  private let panes: [Pane]
  private let focus: Int
  private let compare: Compare
  private let view: TensorView
  private let inspection: Inspection
  private let gallery: Gallery?
  private let layers: [Layer]

  /// Saves a state's runs and how they are shown.
  package init(_ state: State) {
    panes = state.panes
    focus = state.focus
    compare = state.compare
    view = state.view
    inspection = state.inspection
    gallery = state.gallery
    layers = state.layers.filter { $0.kind.isKept }
  }

  /// Restores everything. A file that is being written is not interrupted.
  package func restore(_ state: inout State) {
    state.panes = panes
    state.focus = focus
    state.compare = compare
    state.view = view
    state.inspection = inspection
    state.gallery = gallery
    state.layers = layers + state.layers.filter { $0.kind.isTask }
  }

  /// The numbers of runs that had not started yet; they are requested again.
  package var startingRuns: [Int] { panes.compactMap { $0.pending?.number } }
}
