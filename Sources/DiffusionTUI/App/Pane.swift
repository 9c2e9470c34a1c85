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
  package var parting: Parting?

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
