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

/// What the pictures of several panes show.
public enum PaneView: String, Sendable, CaseIterable {
  /// Each its own tensor.
  case values
  /// How far it is from the reference's; the reference its own.
  case difference
}

/// How much is kept side by side at most.
public enum PaneLimit {
  /// How many panes there are.
  public static let panes = 8
  /// How many images the batch of a pane has: a pane keeps the tensors of every step, of every image.
  package static let images = 64
}

extension CaseIterable where Self: Equatable {
  /// The case after this one; the first after the last.
  var next: Self {
    let all = Array(Self.allCases)
    guard let index = all.firstIndex(of: self) else { return self }
    return all[(index + 1) % all.count]
  }
}
