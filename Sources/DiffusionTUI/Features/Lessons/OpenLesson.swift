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
  /// The places of the step's keys that count as pressed.
  private(set) var taken: Set<Int> = []
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
  /// What the lesson's own keys do; nil until its runs have started.
  var rehearsal: LessonRehearsal?

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
  /// The default keys of the current step.
  var keys: [Key] { lesson.steps[index].keys }
  /// The number of the step's keys that count as pressed.
  package var pressed: Int { taken.count }
  /// The place of the key to press next among those of the step; nil if all are pressed.
  package var nextPlace: Int? { keys.indices.first { !taken.contains($0) } }
  /// The default key to press next; nil while the engine works on the last one, and at the end.
  package var nextKey: Key? { nextPlace.map { keys[$0] } }
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
      (index, taken, isAside, preparation) = (page, [], false, nil)
    }
    return early.isEmpty ? nil : (early.removeFirst(), false)
  }

  /// Advances to the next step, once the engine is done.
  package mutating func advanceStep() {
    guard !isLast else { return }
    index += 1
    taken = []
    scroll = 0
  }
}

/// The keys of a page are steps to what its text promises. One that changes the display counts as soon as, and as long
/// as, its effect is on the screen, whatever brought it there. The others count when they are pressed in their turn
/// among themselves.
extension OpenLesson {
  /// What the text of the current page takes to be on the screen; empty before the runs have started.
  var expectation: Set<LessonDisplay.Part> { rehearsal?.expectation(at: index) ?? [] }

  /// Whether a key of the page changes the display, and its effect is on the screen.
  func isShown(_ place: Int, on display: LessonDisplay) -> Bool {
    let effect = effect(of: place)
    return !effect.isEmpty && effect.isSubset(of: display.parts)
  }

  /// The place of the next key that moves the runs, or is typed; nil if all of them are pressed.
  var nextPlain: Int? { keys.indices.first { !taken.contains($0) && effect(of: $0).isEmpty } }

  /// Whether what took a key is there when the lesson presses it. In zoomed pictures an arrow is not a step. What keys
  /// are typed into is told apart by ``isAside``.
  func expects(_ owner: Layer.Kind?, at place: Int) -> Bool {
    guard let owner, !owner.isModal, let press = press(at: place) else { return true }
    return press.layers.contains(owner)
  }

  /// Follows a key.
  ///
  /// - Parameters:
  ///   - asked: Its place among the keys of the page; nil for one that the page does not ask for now.
  ///   - displays: The display before and after it.
  ///   - isTyping: Whether something is open in which the next keys are typed.
  mutating func follow(_ asked: Int?, _ displays: (before: LessonDisplay, after: LessonDisplay), isTyping: Bool) {
    let (before, after) = displays
    let counts = asked.flatMap { effect(of: $0).isSubset(of: after.parts) ? $0 : nil }
    let reached = keys.indices.first {
      !taken.contains($0) && isShown($0, on: after) && !isShown($0, on: before)
    }
    guard let place = counts ?? reached else {
      // A sequence that was left begins again.
      if asked == nil { taken = taken.filter { !effect(of: $0).isEmpty } }
      return dropUndone(on: after)
    }
    take(place, on: after, isTyping: isTyping)
  }

  /// Counts a key, and those behind it whose effects are on the screen already.
  mutating func take(_ place: Int, on display: LessonDisplay, isTyping: Bool) {
    taken.insert(place)
    dropUndone(on: display)
    while !isTyping, let next = nextPlace, isShown(next, on: display) { taken.insert(next) }
  }

  /// Drops the keys whose effect was undone by something else than a key of the page behind them.
  private mutating func dropUndone(on display: LessonDisplay) {
    let all = taken
    taken = all.filter { place in
      effect(of: place).allSatisfy { part in
        display.parts.contains(part) || all.contains { $0 > place && press(at: $0)?.replaces(part) == true }
      }
    }
  }

  private func press(at place: Int) -> LessonRehearsal.Press? { rehearsal?.pages[index][place] }

  private func effect(of place: Int) -> Set<LessonDisplay.Part> { press(at: place)?.effect ?? [] }
}

extension State {
  /// Whether keys are typed into something that the lesson asked to open, where they trigger no actions.
  var isTypingForLesson: Bool { isModal && lesson?.isAside == false }

  /// The remaining keys, as the screen names them.
  package func lessonKeyLabels(unicode: Bool) -> [String] {
    guard let lesson else { return [] }
    return lesson.step.keys.enumerated().map { index, key in
      // A typed key is shown as it is; an action by its current key.
      let isTyped = isTypingForLesson && !lesson.taken.contains(index)
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
