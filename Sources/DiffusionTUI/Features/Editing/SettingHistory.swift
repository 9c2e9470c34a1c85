import DiffusionCore

/// The runs' settings before each change, so that a change can be taken back.
package struct SettingHistory: Sendable, Equatable {
  /// The settings of all runs at one time.
  struct Entry: Sendable, Equatable {
    let requests: [RunRequest]
    let positions: [Int]
    let focus: Int
    let reference: Int
    /// The lesson in which they were set: a change in a lesson cannot be taken back outside of it.
    let lesson: String?
  }

  /// The maximum number of changes to take back.
  private static let mostChanges = 100

  private var past: [Entry] = []
  private var future: [Entry] = []
  /// How many changes can be taken back, and made again.
  var depth: [Int] { [past.count, future.count] }

  /// Records the settings before a change by the user.
  mutating func record(_ before: Entry) {
    past = past.suffix(Self.mostChanges - 1) + [before]
    future = []
  }

  /// Forgets what leads to the settings in use, as after a run that could not be started.
  mutating func drop(_ current: Entry) {
    if past.last?.requests == current.requests { past.removeLast() }
    if future.last?.requests == current.requests { future.removeLast() }
  }

  /// Forgets the changes of other lessons.
  mutating func keep(lesson: String?) {
    past.removeAll { $0.lesson != nil && $0.lesson != lesson }
    future.removeAll { $0.lesson != lesson }
  }

  /// The settings to go back to; nil if there are none.
  mutating func undo(from current: Entry) -> Entry? { Self.move(from: &past, to: &future, current) }

  /// The settings to go forward to again; nil if there are none.
  mutating func redo(from current: Entry) -> Entry? { Self.move(from: &future, to: &past, current) }

  private static func move(
    from source: inout [Entry], to target: inout [Entry], _ current: Entry
  ) -> Entry? {
    guard let entry = source.last, entry.lesson == current.lesson else { return nil }
    source.removeLast()
    target.append(current)
    return entry
  }
}

extension RunRequest {
  /// Whether another run has the same result: they differ in nothing, or in such as the device and the threads.
  fileprivate func hasResult(of other: RunRequest) -> Bool {
    Setting.all.allSatisfy { !$0.decidesResult || $0.value(of: self) == $0.value(of: other) }
  }
}

/// Taking back changes of settings and of the list of runs.
extension State {
  /// The settings of all runs now.
  var settingEntry: SettingHistory.Entry {
    SettingHistory.Entry(
      requests: panes.map(\.latestRequest), positions: panes.map(\.latestPosition), focus: focus,
      reference: compare.reference, lesson: lesson?.lesson.name)
  }

  /// Records a change of settings.
  ///
  /// - Parameters:
  ///   - old: The settings before it.
  ///   - depth: The history's depth before it: undoing, which changes it, is not recorded.
  ///   - isAsked: Whether the user asked for it.
  mutating func followChange(from old: SettingHistory.Entry, at depth: [Int], isAsked: Bool) {
    let new = settingEntry
    guard old.lesson == new.lesson else { return settingHistory.keep(lesson: new.lesson) }
    guard old.requests != new.requests, settingHistory.depth == depth else { return }
    if isAsked { settingHistory.record(old) } else { settingHistory.drop(new) }
  }

  mutating func undo() -> [Effect] {
    let current = settingEntry
    return show(
      settingHistory.undo(from: current), from: current, saying: "undone",
      otherwise: "there is no change of settings to take back")
  }

  mutating func redo() -> [Effect] {
    let current = settingEntry
    return show(
      settingHistory.redo(from: current), from: current, saying: "done again",
      otherwise: "there is no change of settings that was taken back")
  }

  /// Shows runs with former settings and says what that changes, or why there are none.
  private mutating func show(
    _ entry: SettingHistory.Entry?, from current: SettingHistory.Entry, saying verb: String, otherwise reason: String
  ) -> [Effect] {
    guard let entry else {
      notice = reason
      return []
    }
    news = "\(verb): \(Self.change(from: current, to: entry))"
    return restore(entry)
  }

  /// Shows runs with these settings. Those that are on the screen already stay as they are.
  private mutating func restore(_ entry: SettingHistory.Entry) -> [Effect] {
    playback.isPlaying = false
    var effects = halt(Array(panes.indices))
    var spare = panes.indices.filter { !entry.requests.contains(panes[$0].latestRequest) }
    var kept = panes.indices.filter { !spare.contains($0) }
    var starting: [Int] = [], shown: [Pane] = []
    for (index, request) in entry.requests.enumerated() {
      if let place = kept.firstIndex(where: { panes[$0].latestRequest == request }) {
        shown.append(panes[kept.remove(at: place)])
      } else {
        // The picture of a run whose setting changes stays until the new one has started.
        let former = entry.requests.count == panes.count ? spare.firstIndex(of: index) : nil
        shown.append(former.map { panes[spare.remove(at: $0)] } ?? Pane(request))
        starting.append(index)
      }
    }
    let unused = (kept + spare).flatMap { panes[$0].runNumbers }
    if !unused.isEmpty { effects.append(.discard(runs: unused)) }
    panes = shown
    (focus, compare.reference) = (entry.focus, entry.reference)
    for index in starting {
      if panes[index].run != nil, panes[index].latestRequest.hasResult(of: entry.requests[index]) {
        effects += recompute(entry.requests[index], in: index)
        continue
      }
      let isLinked = compare.link != .unlinked && starting.count < panes.count
      let goal = isLinked ? placeOfOthers(than: index) : .step(entry.positions[index])
      effects += start(entry.requests[index], in: index, goal: goal)
    }
    return effects + advance()
  }

  /// What differs between two lists of settings, in words.
  private static func change(from old: SettingHistory.Entry, to new: SettingHistory.Entry) -> String {
    let (before, after) = (old.requests, new.requests)
    guard before.count == after.count else {
      let (more, fewer) = before.count > after.count ? (before, after) : (after, before)
      let index = fewer.indices.first { fewer[$0] != more[$0] } ?? fewer.count
      let count = more.count - fewer.count
      let runs = count == 1 ? "run \(index + 1), \(Setting.seeds.title(of: more[index]))," : "\(count) runs"
      return "\(runs) \(count == 1 ? "is" : "are") \(before.count > after.count ? "closed" : "back")"
    }
    let changes = before.indices.flatMap { index in
      let run = before.count > 1 ? "run \(index + 1): " : ""
      return Setting.all.filter { $0.text(of: before[index]) != $0.text(of: after[index]) }.map { setting in
        "\(run)\(setting.label) is \(Self.shown(setting, after[index])), not \(Self.shown(setting, before[index]))"
      }
    }
    let more = changes.count > 2 ? ", and \(changes.count - 2) more" : ""
    return changes.prefix(2).joined(separator: "; ") + more
  }

  private static func shown(_ setting: Setting, _ request: RunRequest) -> String {
    let text = setting.text(of: request)
    guard setting.isProse else { return text.isEmpty ? "none" : text }
    return text.isEmpty ? "none" : "\"\(text.shortened(columns: 32))\""
  }
}
