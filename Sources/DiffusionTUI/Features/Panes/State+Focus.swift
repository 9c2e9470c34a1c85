import DiffusionCore

/// The focused pane, as if it were the only one.
extension State {
  /// The focused pane.
  public package(set) var pane: Pane {
    get { panes[focus] }
    set { panes[focus] = newValue }
  }

  /// The run on the screen; nil until the first one has started.
  public var run: ShownRun? { pane.run }
  /// The run that was asked for and has not answered yet.
  package var pending: PendingRun? { pane.pending }
  /// How many steps the picture on the screen has behind it.
  public var position: Int { pane.position }
  /// The position to reach.
  package var goal: Int { pane.goal }
  /// The settings of the run on the screen.
  public var settings: RunSettings { pane.settings }
  /// How many steps are done.
  public var completedSteps: Int { pane.completedSteps }
  /// How many steps there are.
  public var stepCount: Int { pane.stepCount }
}

/// All panes together.
extension State {
  /// Whether an answer is awaited or playback goes on. A snapshot waits until this is false.
  public var isBusy: Bool {
    playback.isPlaying || isComputing || exportTask != nil || !galleryImages.batch.seeds.isEmpty
      || panes.contains { $0.pending != nil || $0.isQueued }
  }
  /// Whether runs stand side by side.
  public var isComparing: Bool { panes.count > 1 }
  /// Whether steps are being computed.
  package var isComputing: Bool { panes.contains(where: \.isComputing) }
  /// Where the step stands that is being computed: the focused pane's, or that of another.
  package var progress: ForwardProgress? { pane.progress ?? panes.lazy.compactMap(\.progress).first }
  /// Whether a run is being started; no step is computed until it has answered.
  package var isStarting: Bool { panes.contains { $0.pending != nil } }
}
