import DiffusionCore

/// Whether a claim holds, and what was found.
package struct LessonFinding: Sendable, Equatable {
  /// Whether the claim holds.
  package let holds: Bool
  /// The finding for the panel: "1 and 2: same bits 0a1b2c3d"; nil if the screen shows it anyway.
  package let text: String?
}

extension LessonCheck {
  /// Checks the engine's results. A claim about a pane that does not exist, or about a tensor that has not been
  /// computed yet, does not hold.
  package func finding(in state: State) -> LessonFinding {
    switch self {
    case .sameBits, .different, .sameNoise, .differentNoise, .sameSoFar, .firstDifference, .differenceBelow,
      .differenceAbove:
      return relation(in: state)
    case .stdRises, .closer, .guided: return relation(in: state)
    case .whiteBelow(let pane, let limit): return white(pane, state) { $0 < limit }
    case .whiteAbove(let pane, let limit): return white(pane, state) { $0 > limit }
    case .predictions(let pane, let expected):
      let count = state.lastStep(pane).map { $0.guidance == nil ? 1 : 2 }
      let text = count.map { "run \(pane): \($0 == 1 ? "one prediction" : "two predictions") a step" }
      return LessonFinding(holds: count == expected, text: text)
    case .stdBelow(let pane, let limit):
      return std(pane, state) { $0 < limit }
    case .stdAbove(let pane, let limit):
      return std(pane, state) { $0 > limit }
    case .sha256(let pane, let begins):
      let hash = state.shownStatistics(pane)?.sha256
      let text = hash.map { "run \(pane): sha256 \($0.prefix(max(8, begins.count)))" }
      return LessonFinding(holds: hash?.hasPrefix(begins) ?? false, text: text)
    case .position(let expected):
      let found = state.panes.map(\.position)
      let holds = expected.count == 1 ? found.allSatisfy { $0 == expected[0] } : found == expected
      return LessonFinding(holds: holds, text: nil)
    case .timestep(let pane, let expected):
      return LessonFinding(holds: state.lastTimestep(pane) == expected, text: nil)
    case .panes(let count): return LessonFinding(holds: state.panes.count == count, text: nil)
    case .view(let view): return LessonFinding(holds: state.view == view, text: nil)
    case .link(let link): return LessonFinding(holds: state.compare.link == link, text: nil)
    }
  }

  private func std(_ pane: Int, _ state: State, _ isAsSaid: (Double) -> Bool) -> LessonFinding {
    guard let std = state.shownStatistics(pane)?.std else { return LessonFinding(holds: false, text: nil) }
    return LessonFinding(holds: isAsSaid(std), text: "run \(pane): std \(NumberText.fixed(std, 4))")
  }

  private func white(_ pane: Int, _ state: State, _ isAsSaid: (Double) -> Bool) -> LessonFinding {
    guard let share = state.whiteShare(pane) else { return LessonFinding(holds: false, text: nil) }
    return LessonFinding(holds: isAsSaid(share), text: "run \(pane): \(NumberText.fixed(100 * share, 1))% white")
  }
}

extension State {
  /// The statistics of the tensor shown in a pane; panes are counted from 1.
  func shownStatistics(_ pane: Int) -> TensorStatistics? {
    guard panes.indices.contains(pane - 1) else { return nil }
    return panes[pane - 1].run?.statistics(view, at: panes[pane - 1].position)
  }

  /// The value from which a channel counts as white.
  private static let white: Float = 0.97

  /// The share of the pixels of a pane's decoded image that are white in every channel; nil if it shows none.
  fileprivate func whiteShare(_ pane: Int) -> Double? {
    guard panes.indices.contains(pane - 1),
      let image = panes[pane - 1].run?.decodedImage(view, at: panes[pane - 1].position)?.images,
      let channels = image.shape.last, channels > 0, image.count > 0
    else { return nil }
    let pixels = stride(from: 0, to: image.count, by: channels)
    let count = pixels.count { image.scalars[$0..<$0 + channels].allSatisfy { $0 >= Self.white } }
    return Double(count) / Double(image.count / channels)
  }

  /// The last step that a pane has taken up to its position.
  fileprivate func lastStep(_ pane: Int) -> DenoisingStep? {
    guard panes.indices.contains(pane - 1), let run = panes[pane - 1].run else { return nil }
    let index = panes[pane - 1].position - 1
    return run.history.indices.contains(index) ? run.history[index].step : nil
  }

  /// The timestep of a pane's last step.
  func lastTimestep(_ pane: Int) -> Float? {
    guard panes.indices.contains(pane - 1), let run = panes[pane - 1].run else { return nil }
    let place = panes[pane - 1].position - 1
    return run.description.schedule.indices.contains(place) ? run.description.schedule[place].timestep : nil
  }
}
