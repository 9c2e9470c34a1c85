import DiffusionTUI

extension LessonCheck {
  /// A claim that cannot hold if this one does.
  var opposite: LessonCheck {
    switch self {
    case .sameBits(let panes): .different(panes)
    case .different(let panes): .sameBits(panes)
    case .sameNoise(let panes): .differentNoise(panes)
    case .differentNoise(let panes): .sameNoise(panes)
    case .sameSoFar(let panes): .firstDifference(panes[0], panes[1], step: 1)
    case .firstDifference(let left, let right, let step): .firstDifference(left, right, step: step + 1)
    case .differenceBelow(let left, let right, let value): .differenceAbove(left, right, value)
    case .differenceAbove(let left, let right, let value): .differenceBelow(left, right, value)
    case .stdBelow(let pane, let value): .stdAbove(pane, value)
    case .stdAbove(let pane, let value): .stdBelow(pane, value)
    case .stdRises(let panes): .stdRises(panes.reversed())
    case .closer(let pane, let near, let far): .closer(pane, to: far, than: near)
    case .whiteBelow(let pane, let share): .whiteAbove(pane, share)
    case .whiteAbove(let pane, let share): .whiteBelow(pane, share)
    case .predictions(let pane, let count): .predictions(pane, 3 - count)
    case .guided(let without, let with, let pane, let scale):
      .guided(without: without, with: with, pane, scale: scale + 1)
    case .sha256(let pane, let begins): .sha256(pane, begins: begins.hasPrefix("0") ? "1" : "0")
    case .position(let positions): .position(positions.map { $0 + 1 })
    case .timestep(let pane, let timestep): .timestep(pane, timestep + 1)
    case .panes(let count): .panes(count + 1)
    case .view(let view): .view(view == .sample ? .modelOutput : .sample)
    case .link(let link): .link(link == .step ? .timestep : .step)
    }
  }
}
