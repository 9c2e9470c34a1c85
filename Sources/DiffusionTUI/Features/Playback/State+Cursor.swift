import DiffusionCore

/// Where the cursors stand and go. A pane whose step failed stays where it is until it is told to go on.
extension State {
  /// The panes that a movement of the cursor moves.
  var linkedPanes: [Int] { compare.link == .unlinked ? [focus] : Array(panes.indices) }

  /// Those of them that follow: whose step has not failed.
  private var following: [Int] { linkedPanes.filter { panes[$0].failure == nil } }

  /// The pane whose steps the others' timesteps follow: the focused one, or the first that can lead.
  private var leader: Int? {
    ([focus] + following).first { panes[$0].failure == nil && panes[$0].run != nil && panes[$0].pending == nil }
  }

  /// Where one step forward leads; nil where no pane has one to go.
  var nextTarget: CursorTarget? {
    if compare.link == .timestep, isComparing, let leader {
      let count = max(panes[leader].goal, panes[leader].position)
      return count < panes[leader].stepCount ? panes[leader].target(after: count + 1) : nil
    }
    let canGo = following.contains { panes[$0].pending != nil || (panes[$0].aim ?? .max) < panes[$0].stepCount }
    guard canGo, let furthest = following.compactMap({ panes[$0].aim }).max() else { return nil }
    return .step(furthest + 1)
  }

  /// Where one step back leads.
  var previousTarget: CursorTarget {
    if compare.link == .timestep, isComparing, let leader {
      return panes[leader].target(after: panes[leader].position - 1)
    }
    let positions = following.filter { panes[$0].run != nil && panes[$0].pending == nil }.map { panes[$0].position }
    return .step(max(0, (positions.max() ?? 0) - 1))
  }

  /// Gives all panes that follow a goal.
  mutating func aim(at target: CursorTarget) {
    for index in following { panes[index].aim(at: target) }
  }

  /// Where a pane that starts is to go to stand with the others that it is linked to; its noise where there are none.
  func placeOfOthers(than index: Int) -> CursorTarget {
    guard compare.link != .unlinked else { return .step(0) }
    let others = panes.indices.filter { $0 != index && panes[$0].run != nil && panes[$0].failure == nil }
    guard let first = others.contains(compare.reference) ? compare.reference : others.first else { return .step(0) }
    if compare.link == .timestep { return panes[first].target(after: panes[first].position) }
    return .step(others.map { panes[$0].position }.max() ?? 0)
  }

  /// Where the focused pane stands, for others that join it.
  var placeOfFocus: CursorTarget {
    compare.link == .timestep ? pane.target(after: pane.position) : .step(pane.position)
  }

  /// Brings linked panes that were stopped at different places back to the one that is least far.
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
    }
  }

  /// Whether panes stand where the focused one takes them.
  private func areTogether(_ indices: [Int]) -> Bool {
    let place = placeOfFocus
    return run != nil
      && indices.allSatisfy { index in
        panes[index].run.map { place.position(on: $0.description.schedule) == panes[index].position } ?? true
      }
  }

  /// Whether a pane is less far than another, as the link counts.
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
