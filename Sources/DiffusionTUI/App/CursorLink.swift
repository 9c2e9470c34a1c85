/// What the panes' cursors have in common.
public enum CursorLink: String, Sendable, CaseIterable {
  /// All stand after the same number of steps, as far as they have as many.
  case step
  /// All stand after the same training timestep: 16 of 32 steps is not 16 of 16.
  case timestep
  /// Nothing: only the focused one moves.
  case unlinked

  /// What the screen says.
  package var label: String {
    switch self {
    case .step: "linked by step"
    case .timestep: "linked by timestep"
    case .unlinked: "unlinked"
    }
  }
}
