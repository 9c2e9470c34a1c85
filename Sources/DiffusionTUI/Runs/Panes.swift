/// The way in which the cursors of panes are linked.
public enum CursorLink: String, Sendable, CaseIterable {
  /// All follow to the same number of steps, as far as they have as many.
  case step
  /// All follow to the same training timestep: step 16 of 32 is not step 16 of 16.
  case timestep
  /// Not linked: only the focused one moves.
  case unlinked

  /// The label on the screen.
  package var label: String {
    switch self {
    case .step: "linked by step"
    case .timestep: "linked by timestep"
    case .unlinked: "unlinked"
    }
  }
}

/// The content of the pictures where there are several panes.
public enum PaneView: String, Sendable, CaseIterable {
  /// Each pane shows its own tensor.
  case values
  /// Each pane shows its difference from the reference; the reference shows its own tensor.
  case difference
}

/// Limits on what is kept side by side.
public enum PaneLimit {
  /// The maximum number of panes.
  public static let panes = 8
  /// The maximum batch size of a pane: a pane keeps the tensors of every step, for every image.
  package static let images = 64
}

extension CaseIterable where Self: Equatable {
  /// The next case; the first after the last.
  var next: Self {
    let all = Array(Self.allCases)
    guard let index = all.firstIndex(of: self) else { return self }
    return all[(index + 1) % all.count]
  }
}
