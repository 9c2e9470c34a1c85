import DiffusionCore

/// One run on the screen: its data, its position, and its goal.
public struct Pane: Sendable, Equatable {
  /// The run; nil until the first one has started.
  public package(set) var run: ShownRun?
  /// The requested run that has not started yet.
  package var pending: PendingRun?
  /// The request of the first run.
  package let initialRequest: RunRequest

  /// The number of steps behind the picture on the screen.
  public package(set) var position = 0
  /// The position to reach; greater than `position` while steps are queued.
  package var goal = 0
  /// Whether its next step has been requested and not yet answered.
  package var isComputing = false
  /// The progress of that step.
  package var progress: ForwardProgress?
  /// Why its last step failed; nil once it is tried again.
  public package(set) var failure: String?
  /// The position that the last session had; nil once the user has moved the run elsewhere. A session that is saved
  /// while the run still catches up, or cannot, keeps it.
  package var restoredPosition: Int?
  /// The position that was requested, in a pane without a run because its first one failed to start.
  package var missedPosition = 0
  /// How it differs from the reference; nil in the reference, and if there is nothing to compare yet.
  package var comparison: PaneComparison?
  /// Where it diverges from the reference; nil in the reference.
  package var divergence: Divergence?

  /// Creates a pane before its first run.
  package init(_ request: RunRequest) { initialRequest = request }

  /// The settings of the run on the screen.
  public var settings: RunSettings { request.settings }
  /// The model and the settings of the run on the screen.
  public var request: RunRequest { run?.description.request ?? initialRequest }
  /// The settings of the next run on the screen, from which an edit starts.
  package var latestSettings: RunSettings { latestRequest.settings }
  /// The model and the settings of the next run on the screen, from which an edit starts.
  package var latestRequest: RunRequest { pending?.request ?? request }
  /// The number of steps behind the next picture on the screen: while steps are queued, that after the last of them.
  package var latestPosition: Int {
    if let restoredPosition { return restoredPosition }
    guard pending == nil else { return aim ?? position }
    return run == nil ? missedPosition : max(goal, position)
  }
  /// The number of completed steps.
  public var completedSteps: Int { run?.history.count ?? 0 }
  /// The total number of steps: the scheduler's, or the requested number until it is known.
  public var stepCount: Int { run?.stepCount ?? initialRequest.settings.steps }
  /// Whether steps are queued.
  package var isQueued: Bool { goal > position }
  /// The numbers of its runs, including one that is starting.
  package var runNumbers: [Int] { [run?.number, pending?.number].compactMap { $0 } }
}

/// A requested run that has not started yet. The previous run stays on the screen until it does.
public struct PendingRun: Sendable, Equatable {
  /// Its number.
  package let number: Int
  /// The request of the run.
  package let request: RunRequest
  /// The goal to set when it starts, so that keys pressed in the meantime are not lost.
  package var goal = CursorTarget.step(0)
  /// How far the opening of its model is; nil while nothing has to be opened.
  package var opening: OpeningProgress?
}

/// A target for a cursor, on the schedule of any run.
public enum CursorTarget: Sendable, Equatable {
  /// After a number of steps.
  case step(Int)
  /// After the last step whose training timestep is at least this one.
  case timestep(Float)
  /// After the last step.
  case last

  /// The number of steps to reach it on a schedule.
  package func position(on schedule: [UpdateTerms]) -> Int {
    switch self {
    case .step(let count): min(max(0, count), schedule.count)
    case .timestep(let timestep):
      schedule.rise + schedule[schedule.rise...].prefix { $0.place >= timestep }.count
    case .last: schedule.count
    }
  }
}

extension Pane {
  /// The position that its cursor is to reach, counting queued steps; nil if it is not known before the run starts.
  var aim: Int? {
    guard let pending else { return run == nil ? nil : max(goal, position) }
    if case .step(let count) = pending.goal { return count }
    return nil
  }

  /// The target after a number of steps, in terms of training timesteps.
  func target(after count: Int) -> CursorTarget {
    guard let schedule = run?.description.schedule, count > 0 else { return .step(0) }
    // On the way to the noise there is no timestep to compare with.
    guard count > schedule.rise else { return .step(count) }
    return count >= schedule.count ? .last : .timestep(schedule[count - 1].place)
  }

  /// Where its cursor is to be, counting queued steps, in terms of training timesteps.
  var goalTarget: CursorTarget { pending?.goal ?? target(after: max(goal, position)) }

  /// Sets the goal of the run, or of the one that is starting.
  mutating func aim(at target: CursorTarget) {
    guard pending == nil else {
      pending?.goal = target
      return
    }
    if let run { goal = target.position(on: run.description.schedule) }
  }

  /// Moves towards the goal as far as the history reaches.
  mutating func followHistory() {
    guard pending == nil, run != nil else { return }
    position = min(goal, completedSteps)
    if let place = restoredPosition, position >= place { restoredPosition = nil }
  }

  /// Drops the queued steps.
  mutating func dropQueue() { goal = position }

  /// Stops waiting for a step.
  mutating func stopWaiting() {
    isComputing = false
    progress = nil
  }
}

extension Pane {
  /// Requests a run. The one on the screen stays until the new one starts.
  mutating func ask(for number: Int, _ request: RunRequest, goal target: CursorTarget) {
    pending = PendingRun(number: number, request: request, goal: target)
    restoredPosition = nil
    if run == nil { failure = nil }
    dropQueue()
  }

  /// Shows the requested run, at its noise.
  mutating func begin(_ run: ShownRun, goal target: CursorTarget) {
    self.run = run
    pending = nil
    failure = nil
    stopWaiting()
    position = 0
    goal = target.position(on: run.description.schedule)
    restoredPosition = restoredPosition.map { min($0, stepCount) }
  }

  /// Allows a failed step to be tried again. A run that could not be started stays failed until it is requested again.
  mutating func retry() {
    if run != nil { failure = nil }
  }

  /// Records that a run failed. If it was starting, the previous run stays, with its model and settings; if there is
  /// none, the failure is shown.
  mutating func fail(_ message: String, starting: Bool) {
    if starting, run == nil { missedPosition = latestPosition }
    if starting { pending = nil }
    if !starting || run == nil { failure = message }
    stopWaiting()
    dropQueue()
  }
}
