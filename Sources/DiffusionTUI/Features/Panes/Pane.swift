import DiffusionCore

/// One run on the screen: what is known of it, where it stands, and where it is to go.
public struct Pane: Sendable, Equatable {
  /// The run; nil until the first one has started.
  public package(set) var run: ShownRun?
  /// The run that was asked for and has not answered yet.
  package var pending: PendingRun?
  /// What the first run is asked for with.
  package let initialRequest: RunRequest

  /// How many steps the picture on the screen has behind it.
  public package(set) var position = 0
  /// The position to reach. Beyond `position` while steps are queued.
  package var goal = 0
  /// Whether its next step has been asked for and not been answered.
  package var isComputing = false
  /// Where that step stands.
  package var progress: ForwardProgress?
  /// Why its last step could not be taken; nil once it is tried again.
  public package(set) var failure: String?
  /// How many steps its picture was to have behind it, where it has no run because its first one could not be started.
  package var missedPosition = 0
  /// How it differs from the reference; nil in the reference, and where there is nothing to compare yet.
  package var comparison: PaneComparison?
  /// Where it parts from the reference; nil in the reference.
  package var divergence: Divergence?

  /// A pane before its first run.
  package init(_ request: RunRequest) { initialRequest = request }

  /// The settings of the run on the screen.
  public var settings: RunSettings { request.settings }
  /// The model and the settings of the run on the screen.
  public var request: RunRequest { run?.description.request ?? initialRequest }
  /// The settings of the run that is on the screen next: what an edit starts from.
  package var latestSettings: RunSettings { latestRequest.settings }
  /// The model and the settings of the run that is on the screen next: what an edit starts from.
  package var latestRequest: RunRequest { pending?.request ?? request }
  /// How many steps the picture that is on the screen next has behind it.
  package var latestPosition: Int {
    guard pending == nil else { return aim ?? position }
    return run == nil ? missedPosition : position
  }
  /// How many steps are done.
  public var completedSteps: Int { run?.history.count ?? 0 }
  /// How many steps there are: the scheduler's number, or the one asked for until it is known.
  public var stepCount: Int { run?.stepCount ?? initialRequest.settings.steps }
  /// Whether it has steps to go.
  package var isQueued: Bool { goal > position }
  /// The numbers of its runs, the one that starts included.
  package var runNumbers: [Int] { [run?.number, pending?.number].compactMap { $0 } }
}

/// A run that was asked for and has not answered yet. The run before it stays on the screen until it does.
public struct PendingRun: Sendable, Equatable {
  /// Its number.
  package let number: Int
  /// What it will run with.
  package let request: RunRequest
  /// Where to go as soon as it has started: keys pressed meanwhile are not lost.
  package var goal = CursorTarget.step(0)
}

/// Where a cursor is to go, on a schedule that may be any run's.
public enum CursorTarget: Sendable, Equatable {
  /// After so many steps.
  case step(Int)
  /// After the last step whose training timestep is this one or above it.
  case timestep(Float)
  /// After the last step.
  case last

  /// How many steps that is on a schedule.
  package func position(on schedule: [UpdateTerms]) -> Int {
    switch self {
    case .step(let count): min(max(0, count), schedule.count)
    case .timestep(let timestep): schedule.prefix { $0.timestep >= timestep }.count
    case .last: schedule.count
    }
  }
}

extension Pane {
  /// How many steps its cursor is to have behind it, queued ones included; nil where that is not known before the run
  /// has started.
  var aim: Int? {
    guard let pending else { return run == nil ? nil : max(goal, position) }
    if case .step(let count) = pending.goal { return count }
    return nil
  }

  /// Where a number of its steps leads, in terms of training timesteps.
  func target(after count: Int) -> CursorTarget {
    guard let schedule = run?.description.schedule, count > 0 else { return .step(0) }
    return count >= schedule.count ? .last : .timestep(schedule[count - 1].timestep)
  }

  /// Sets the goal; that of the run that starts, if one does.
  mutating func aim(at target: CursorTarget) {
    guard pending == nil else {
      pending?.goal = target
      return
    }
    if let run { goal = target.position(on: run.description.schedule) }
  }

  /// Goes towards the goal as far as history reaches.
  mutating func followHistory() {
    guard pending == nil, run != nil else { return }
    position = min(goal, completedSteps)
  }

  /// Drops what is queued.
  mutating func dropQueue() { goal = position }

  /// No step is awaited any more.
  mutating func stopWaiting() {
    isComputing = false
    progress = nil
  }
}

extension Pane {
  /// Asks for a run. The one on the screen stays until the new one answers.
  mutating func ask(for number: Int, _ request: RunRequest, goal target: CursorTarget) {
    pending = PendingRun(number: number, request: request, goal: target)
    if run == nil { failure = nil }
    dropQueue()
  }

  /// Shows the run that was asked for, at its noise.
  mutating func begin(_ run: ShownRun, goal target: CursorTarget) {
    self.run = run
    pending = nil
    failure = nil
    stopWaiting()
    position = 0
    goal = target.position(on: run.description.schedule)
  }

  /// Lets a step be tried again that failed. A run that could not be started stays failed until it is asked for again.
  mutating func retry() {
    if run != nil { failure = nil }
  }

  /// Takes note that a run failed: one that starts leaves the one before it, with its model and settings, and where
  /// there is none its failure.
  mutating func fail(_ message: String, starting: Bool) {
    if starting, run == nil { missedPosition = latestPosition }
    if starting { pending = nil }
    if !starting || run == nil { failure = message }
    stopWaiting()
    dropQueue()
  }
}
