/// What the pictures of several panes show.
public enum PaneView: String, Sendable, CaseIterable {
  /// Each its own tensor.
  case values
  /// How far it is from the reference's; the reference its own.
  case difference
}
