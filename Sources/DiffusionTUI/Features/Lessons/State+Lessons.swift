import DiffusionCore

/// Opening and leaving lessons. Leaving restores the explorer with its runs, discards those of the lesson, and keeps
/// the place.
extension State {
  /// Opens the list of lessons, or leaves the open lesson.
  mutating func toggleLessons() -> [Effect] {
    if lesson != nil { return leaveLesson() }
    let library = LessonLibrary(files: lessonFiles)
    open(.lessonList(LessonList(library, places: lessonPlaces)))
    notice = library.notices.first
    return []
  }

  /// Handles a key press while the list is open.
  mutating func press(_ key: Key, in open: LessonList) -> [Effect] {
    let action = keyMap.action(for: key)
    if action == .program(.toggleLessons) || action == .program(.quit) {
      close(.lessonList)
      return []
    }
    var list = open
    let chosen = list.press(listKey(key))
    update(.lessonList(list))
    return chosen.map { begin($0, page: list.page(of: $0)) } ?? []
  }

  /// Starts a lesson's runs in place of those on the screen, which are kept. Lessons always run a built-in model,
  /// because their claims are tested with it. If the machine cannot run them, shows why and changes nothing.
  ///
  /// Before the first run has started this replaces ``start()``.
  ///
  /// - Parameters:
  ///   - lesson: The lesson.
  ///   - page: The index of the page to begin with: the lesson's own keys up to it are taken first.
  public mutating func begin(_ lesson: Lesson, page: Int = 0) -> [Effect] {
    let runs: [(settings: RunSettings, standsIn: Bool)]
    do {
      runs = try lesson.runs.map { try $0.settings(like: pane.latestSettings, maximumSteps: usualTrainTimesteps) }
    } catch {
      notice = "lesson \(lesson.name): \(error)"
      return []
    }
    playback.isPlaying = false
    var effects = halt(Array(panes.indices))
    let kept: KeptExplorer
    if let open = self.lesson {
      kept = open.kept
      lessonPlaces.note(open)
      effects.append(.discard(runs: panes.flatMap(\.runNumbers)))
    } else {
      kept = KeptExplorer(self)
      if !kept.startingRuns.isEmpty { effects.append(.discard(runs: kept.startingRuns)) }
    }
    effects += stopDeveloping()
    gallery = nil
    panes = runs.map { Pane(RunRequest(model: lesson.model, settings: $0.settings)) }
    resetDisplay(for: lesson)
    let next = LessonLibrary(files: lessonFiles).lesson(after: lesson)
    var open = OpenLesson(
      lesson, page: min(max(0, page), lesson.steps.count - 1), next: next, kept: kept,
      standsIn: runs.contains(where: \.standsIn))
    // Those behind the key that turned the page are for the page.
    for key in self.lesson?.early ?? [] { open.hold(key) }
    layers = [.lesson(open)] + layers.filter { $0.kind.isTask }
    return effects + panes.indices.flatMap { start(panes[$0].request, in: $0, goal: .step(0)) }
  }

  /// Shows the runs as a lesson does at its beginning.
  mutating func resetDisplay(for lesson: Lesson) {
    (focus, compare, view) = (0, Compare(link: lesson.link), .sample)
    inspection = Inspection()
    inspection.differenceScale = lesson.differenceScale
  }

  /// Starts the lesson with a name, or shows why it cannot be parsed.
  mutating func begin(lessonNamed name: String) -> [Effect] {
    do {
      return takeUp(try LessonLibrary(files: lessonFiles).lesson(named: name))
    } catch {
      notice = String(describing: error)
      return []
    }
  }

  /// Starts a lesson on the page where it was left, and says so if that is not the first one.
  package mutating func takeUp(_ lesson: Lesson) -> [Effect] {
    let effects = begin(lesson, page: lessonPlaces.page(of: lesson))
    if let open = self.lesson, open.lesson == lesson, open.page > 0 {
      news =
        "you were on page \(open.page + 1) of \(lesson.steps.count), and go on there: "
        + "\(pressing(.lesson(.previousPage))) for the page before"
    }
    return effects
  }

  /// Leaves the lesson at once, whatever is being computed, and says how to take it up again.
  mutating func leaveLesson() -> [Effect] {
    guard let lesson else { return [] }
    playback.isPlaying = false
    var effects = halt(Array(panes.indices))
    effects.append(.discard(runs: panes.flatMap(\.runNumbers)))
    effects += stopDeveloping()
    lesson.kept.restore(&self)
    lessonPlaces.note(lesson)
    news = news(ofLeaving: lesson)
    for index in panes.indices where panes[index].run == nil || panes[index].pending != nil {
      let target = panes[index].pending?.goal ?? .step(panes[index].latestPosition)
      let (request, restored) = (panes[index].latestRequest, panes[index].restoredPosition)
      panes[index].pending = nil
      effects += start(request, in: index, goal: target)
      panes[index].restoredPosition = restored
    }
    return effects + resumeGallery()
  }

  /// Where a lesson was left, and how to take it up again; nil at its end.
  private func news(ofLeaving lesson: OpenLesson) -> String? {
    guard lesson.page < lesson.lesson.steps.count - 1 else { return nil }
    let place = lessonPlaces.page(of: lesson.lesson)
    // One that was begun anew and left on its first page keeps the place it had.
    let there = place == lesson.page ? "" : " on page \(place + 1)"
    return "left on page \(lesson.page + 1) of \(lesson.lesson.steps.count): "
      + "\(pressing(.program(.toggleLessons))) to take the lesson up again\(there)"
  }

  /// The state without the lesson: the part to save when the program quits.
  package var withoutLesson: State {
    var state = self
    if let lesson { state.lessonPlaces.note(lesson) }
    lesson?.kept.restore(&state)
    return state
  }
}

/// The learner's keys. Each has its usual effect; the lesson only observes them.
extension State {
  /// Handles a key that the lesson takes before the runs do: scrolls its text or begins the next lesson. Nil for other
  /// keys.
  mutating func press(_ key: Key, in open: OpenLesson) -> [Effect]? {
    if key == .enter, open.isLast, let next = open.next { return begin(next) }
    let most = LessonPanel.maximumScroll(self)
    guard most > 0 else { return nil }
    let page = max(1, LessonPanel.visibleRows(self) - 1)
    var lesson = open
    switch key {
    case .up: lesson.scroll = max(0, min(open.scroll, most) - 1)
    case .down: lesson.scroll = min(most, open.scroll + 1)
    case .pageUp: lesson.scroll = max(0, min(open.scroll, most) - page)
    case .pageDown: lesson.scroll = min(most, open.scroll + page)
    default: return nil
    }
    update(.lesson(lesson))
    return []
  }

  /// Whether the lesson asks for a key now.
  package func isAwaited(_ key: Key) -> Bool { place(ofAsked: key) != nil }

  /// The place of a key among those of the page; nil if the page does not ask for it now. It is the next one: the same
  /// key where it is typed, otherwise any key that does the same. Steps need not wait for what changes the display
  /// alone.
  func place(ofAsked key: Key) -> Int? {
    guard let lesson, let next = lesson.nextPlace else { return nil }
    if isModal { return isTypingForLesson && key == lesson.keys[next] ? next : nil }
    if does(key, what: lesson.keys[next]) { return next }
    guard case .playback = keyMap.meaning(of: key) else { return nil }
    return lesson.nextPlain.flatMap { does(key, what: lesson.keys[$0]) ? $0 : nil }
  }

  /// Whether a key does over the runs what a default key does: it may be rebound, another key of the same action, or
  /// one that is familiar from other programs.
  func does(_ key: Key, what standard: Key) -> Bool {
    guard let action = KeyMap.standard.meaning(of: standard) else { return key == standard }
    return keyMap.meaning(of: key) == action
  }

  /// Counts a key that would take back what the page asks it for and what is on the screen already, in place of
  /// performing it: the learner does as told. Returns whether it is one.
  mutating func countWhatIsShown(_ key: Key) -> Bool {
    guard var lesson, !lesson.isPreparing, !isModal, !isInGallery, !isInSweep else { return false }
    let display = LessonDisplay(self)
    // Until the page turns its text asks for all its keys.
    let asked = lesson.isWaiting ? Array(lesson.keys.indices) : lesson.nextPlace.map { [$0] } ?? []
    let place = asked.first { lesson.isShown($0, on: display) && does(key, what: lesson.keys[$0]) }
    guard let place else { return false }
    lesson.take(place, on: display, isTyping: false)
    update(.lesson(lesson))
    return true
  }

  /// Follows a key press.
  ///
  /// - Parameters:
  ///   - press: What was to be known before it.
  ///   - owner: The layer that took it; nil for the runs.
  mutating func followLesson(_ press: LessonPress, by owner: Layer.Kind?) {
    // A page that is prepared is reached by its own keys, whatever they count as.
    guard var lesson, !lesson.isPreparing else { return }
    let asked = press.place.flatMap { lesson.expects(owner, at: $0) ? $0 : nil }
    lesson.isAside = isModal && (press.wasModal ? lesson.isAside : asked == nil)
    // What is typed where the lesson did not ask for it begins the sequence again, but not a mistake where it did.
    if lesson.nextKey != nil, asked != nil || !isModal || lesson.isAside {
      lesson.follow(asked, (press.display, LessonDisplay(self)), isTyping: isModal)
    }
    update(.lesson(lesson))
  }
}

/// What a lesson has to know from before a key press to follow it.
struct LessonPress {
  /// Its place among the keys of the page; nil for one that the page did not ask for.
  let place: Int?
  /// Whether it was typed into a modal layer.
  let wasModal: Bool
  /// The display.
  let display: LessonDisplay

  init(_ key: Key, in state: State) {
    (place, wasModal, display) = (state.place(ofAsked: key), state.isModal, LessonDisplay(state))
  }
}

extension KeyMap {
  /// The action of a key over the runs, also of one that is familiar from other programs; nil for none.
  fileprivate func meaning(of key: Key) -> Action? {
    if let action = action(for: key) { return action }
    guard case .action(let action) = FamiliarKey(key) else { return nil }
    return action
  }
}
