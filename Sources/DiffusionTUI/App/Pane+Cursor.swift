import DiffusionCore

extension Pane {
  /// How many steps its cursor is to have behind it, queued ones included; nil where that is not known before the run has
  /// started.
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
