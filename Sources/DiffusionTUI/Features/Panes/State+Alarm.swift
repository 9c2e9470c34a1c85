import DiffusionCore

extension Pane {
  /// The first of all completed steps that produced NaN or infinity, counted from 1.
  package var firstNonFiniteStep: Int? {
    run?.history.first { $0.step.nonFinite != nil }.map { $0.step.index + 1 }
  }

  /// The first step up to the current position that produced NaN or infinity, counted from 1, and its cause.
  package var alarm: (step: Int, cause: NonFiniteLayer)? {
    guard let history = run?.history.prefix(position) else { return nil }
    for shown in history {
      if let cause = shown.step.nonFinite { return (shown.step.index + 1, cause) }
    }
    return nil
  }
}

/// Warnings about NaN and infinity.
extension State {
  /// One line about the first NaN or infinity: the focused run's, or another's; nil if all values are finite.
  package var alarm: String? {
    for index in [focus] + panes.indices where panes[index].alarm != nil {
      guard let (step, cause) = panes[index].alarm else { continue }
      let place = isComparing ? "run \(index + 1), step \(step)" : "step \(step)"
      return "NaN or infinity first at \(place), made by \(cause)"
    }
    return nil
  }

  /// Stops playback and drops queued steps when a run's values stop being finite. Only the first such step stops them:
  /// the user may continue from there.
  mutating func heedAlarm(of index: Int, _ step: DenoisingStep) {
    guard let cause = step.nonFinite, cause.origin != .sample else { return }
    playback.isPlaying = false
    let count = step.index + 1
    if linkedPanes.contains(index) {
      aim(at: compare.link == .timestep && isComparing ? panes[index].target(after: count) : .step(count))
    } else {
      panes[index].aim(at: .step(count))
    }
  }
}
