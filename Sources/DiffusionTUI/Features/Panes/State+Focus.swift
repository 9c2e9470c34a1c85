import DiffusionCore

/// Shortcuts to the focused pane.
extension State {
  /// The focused pane.
  public package(set) var pane: Pane {
    get { panes[focus] }
    set { panes[focus] = newValue }
  }

  /// The run on the screen; nil until the first one has started.
  public var run: ShownRun? { pane.run }
  /// The requested run that has not started yet.
  package var pending: PendingRun? { pane.pending }
  /// The number of steps behind the picture on the screen.
  public var position: Int { pane.position }
  /// The position to reach.
  package var goal: Int { pane.goal }
  /// The settings of the run on the screen.
  public var settings: RunSettings { pane.settings }
  /// The number of completed steps.
  public var completedSteps: Int { pane.completedSteps }
  /// The total number of steps.
  public var stepCount: Int { pane.stepCount }
}

/// Properties of all panes together.
extension State {
  /// Whether an answer is pending or playback is on. A snapshot waits until this is false.
  public var isBusy: Bool {
    playback.isPlaying || isComputing || isDrawingSeed || exportTask != nil || decoding.current != nil
      || attention.current != nil
      || !galleryImages.batch.entries.isEmpty
      || panes.contains { $0.pending != nil || $0.isQueued }
  }
  /// Whether several runs are shown side by side.
  public var isComparing: Bool { panes.count > 1 }
  /// Whether steps are being computed.
  package var isComputing: Bool { panes.contains(where: \.isComputing) }
  /// The progress of the step being computed: the focused pane's, or another's.
  package var progress: ForwardProgress? { pane.progress ?? panes.lazy.compactMap(\.progress).first }
  /// Whether a run is being started; no step is computed until it has started.
  package var isStarting: Bool { panes.contains { $0.pending != nil } }
}
