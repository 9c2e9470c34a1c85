import DiffusionCore

/// The first NaN or infinity of a run, up to where it is shown.
package struct Alarm: Sendable, Equatable {
  /// The number of steps taken.
  package let step: Int
  /// The timestep of the last of them, which names it in every report; nil before the first.
  package let timestep: Float?
  /// What made it.
  package let cause: NonFiniteLayer
  /// Whether the tensors of the step are finite, and the decoder made it of them.
  package let isDecoded: Bool

  /// One line.
  ///
  /// - Parameter run: The number of the run, where there are several.
  package func text(run: Int? = nil) -> String {
    let place =
      (isDecoded ? "in the decoded image of " : "at ") + (run.map { "run \($0), " } ?? "") + "step \(step)"
      + (timestep.map { " (timestep \($0.wholeText))" } ?? "")
    return "NaN or infinity first \(place), made by \(cause)"
  }
}

extension Pane {
  /// The first of all completed steps that produced NaN or infinity, counted from 1.
  package var firstNonFiniteStep: Int? {
    run?.history.first { $0.step.nonFinite != nil }.map { $0.step.index + 1 }
  }

  /// The first NaN or infinity up to the current position, in its steps or else in what is decoded there.
  package var alarm: Alarm? {
    guard let run else { return nil }
    for shown in run.history.prefix(position) {
      guard let cause = shown.step.nonFinite else { continue }
      return Alarm(step: shown.step.index + 1, timestep: shown.step.timestep, cause: cause, isDecoded: false)
    }
    return TensorView.allCases.lazy.compactMap { run.decodedImage($0, at: position)?.nonFinite }.first.map {
      Alarm(
        step: position, timestep: position > 0 ? run.history[position - 1].step.timestep : nil, cause: $0,
        isDecoded: true)
    }
  }
}

/// Warnings about NaN and infinity.
extension State {
  /// One line about the first NaN or infinity: the focused run's, or another's; nil if all values are finite.
  package var alarm: String? {
    for index in [focus] + panes.indices {
      if let alarm = panes[index].alarm { return alarm.text(run: isComparing ? index + 1 : nil) }
    }
    return nil
  }

  /// Stops playback and drops queued steps when a run's values stop being finite. Only the first such step stops them:
  /// the user may continue from there, and a run on its way back to a place behind it goes there.
  mutating func heedAlarm(of index: Int, _ step: DenoisingStep) {
    guard let cause = step.nonFinite, cause.origin != .sample,
      step.index + 1 >= panes[index].restoredPosition ?? 0
    else { return }
    playback.isPlaying = false
    let count = step.index + 1
    if linkedPanes.contains(index) {
      aim(at: compare.link == .timestep && isComparing ? panes[index].target(after: count) : .step(count))
    } else {
      panes[index].aim(at: .step(count))
    }
  }
}
