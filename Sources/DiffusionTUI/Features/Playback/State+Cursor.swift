import DiffusionCore

/// The positions of cursors and their movements. A pane whose step failed stays where it is until it is told to
/// continue.
extension State {
  /// The panes whose cursors move together.
  var linkedPanes: [Int] { compare.link == .unlinked ? [focus] : Array(panes.indices) }

  /// The linked panes that follow: those whose step has not failed.
  private var following: [Int] { linkedPanes.filter { panes[$0].failure == nil } }

  /// The pane whose timesteps the others follow: the focused one, or the first that can lead.
  private var leader: Int? {
    ([focus] + following).first { panes[$0].failure == nil && panes[$0].run != nil && panes[$0].pending == nil }
  }

  /// The target one step forward; nil if no pane has steps left.
  var nextTarget: CursorTarget? {
    if compare.link == .timestep, isComparing, let leader {
      let count = max(panes[leader].goal, panes[leader].position)
      return count < panes[leader].stepCount ? panes[leader].target(after: count + 1) : nil
    }
    let canGo = following.contains { panes[$0].pending != nil || (panes[$0].aim ?? .max) < panes[$0].stepCount }
    guard canGo, let furthest = following.compactMap({ panes[$0].aim }).max() else { return nil }
    return .step(furthest + 1)
  }

  /// The target one step back.
  var previousTarget: CursorTarget {
    if compare.link == .timestep, isComparing, let leader {
      return panes[leader].target(after: panes[leader].position - 1)
    }
    let positions = following.filter { panes[$0].run != nil && panes[$0].pending == nil }.map { panes[$0].position }
    return .step(max(0, (positions.max() ?? 0) - 1))
  }

  /// Sets the goal of all panes that follow.
  mutating func aim(at target: CursorTarget) {
    for index in following { panes[index].aim(at: target) }
  }

  /// The target that brings a starting pane level with those it is linked to; its noise if there are none. Where others
  /// are still on their way, as after a change of their own settings, it is where they go.
  func placeOfOthers(than index: Int) -> CursorTarget {
    guard compare.link != .unlinked else { return .step(0) }
    let others = panes.indices.filter { $0 != index && panes[$0].run != nil && panes[$0].failure == nil }
    guard let first = others.contains(compare.reference) ? compare.reference : others.first else { return .step(0) }
    if compare.link == .timestep { return panes[first].goalTarget }
    // A run that starts on its way to the end does not know yet how many steps that takes.
    if others.contains(where: { panes[$0].pending?.goal == .last }) { return .last }
    return .step(others.map { panes[$0].aim ?? panes[$0].position }.max() ?? 0)
  }

  /// The position of the focused pane, as a target for panes that join it.
  var placeOfFocus: CursorTarget {
    compare.link == .timestep ? pane.target(after: pane.position) : .step(pane.position)
  }

  /// Moves linked panes that stopped at different positions back to the one furthest behind.
  mutating func align() {
    guard isComparing, compare.link != .unlinked else { return }
    let standing = following.filter { panes[$0].run != nil && panes[$0].pending == nil }
    let behind = standing.filter { panes[$0].position < panes[$0].stepCount }
    guard !areTogether(standing), let last = behind.min(by: { isBehind(panes[$0], panes[$1]) }) else { return }
    let place: CursorTarget =
      compare.link == .timestep ? panes[last].target(after: panes[last].position) : .step(panes[last].position)
    for index in standing {
      panes[index].aim(at: place)
      panes[index].followHistory()
      panes[index].dropQueue()
      panes[index].restoredPosition = nil
    }
  }

  /// Whether the panes are at the positions that match the focused one.
  private func areTogether(_ indices: [Int]) -> Bool {
    let place = placeOfFocus
    return run != nil
      && indices.allSatisfy { index in
        panes[index].run.map { place.position(on: $0.description.schedule) == panes[index].position } ?? true
      }
  }

  /// Whether a pane is behind another, in steps or timesteps, depending on the link.
  private func isBehind(_ left: Pane, _ right: Pane) -> Bool {
    guard compare.link == .timestep else { return left.position < right.position }
    return timestep(of: left) > timestep(of: right)
  }

  private func timestep(of pane: Pane) -> Float {
    switch pane.target(after: pane.position) {
    case .timestep(let timestep): timestep
    case .step: .infinity
    case .last: -.infinity
    }
  }
}
