/// How runs stand to each other that are side by side.
public struct Compare: Sendable, Equatable {
  /// The pane that the others are compared with; always one of ``State/panes``.
  public package(set) var reference = 0
  /// Which panes move together.
  public package(set) var link = CursorLink.step
  /// What the pictures of several panes show.
  public package(set) var view = PaneView.values
}

/// What people ask of runs side by side.
public enum CompareAction: FeatureAction {
  case addPane, closePane
  case focusNext, focusPrevious
  /// Focuses the pane at a place, from 0.
  case focusPane(Int)
  case setReference, cycleLink, cyclePaneView

  /// In the order of help.
  public static let allCases: [CompareAction] =
    [.addPane, .closePane, .focusNext, .focusPrevious] + (0..<PaneLimit.panes).map { .focusPane($0) }
    + [.setReference, .cycleLink, .cyclePaneView]

  package static let chapter = KeyBinding.Chapter.compare
  package var action: Action { .compare(self) }

  package var row: KeyRow {
    switch self {
    case .addPane:
      KeyRow(
        .character("c"), name: "another-run", label: "compare", help: "one run more, with the next seed", rank: 10)
    case .closePane:
      KeyRow(.character("C"), name: "close-run", label: "close", help: "close the focused run", rank: 12)
    case .focusNext: KeyRow(.tab, name: "next-run", label: "next", help: "to the next run", rank: 3)
    case .focusPrevious: KeyRow(.backTab, name: "previous-run", label: "previous", help: "to the run before")
    case .focusPane(let place):
      KeyRow(
        .character(Character("\(place + 1)")), name: "focus-run-\(place + 1)", label: "run \(place + 1)",
        help: "to the run of that number")
    case .setReference:
      KeyRow(
        .character("="), name: "make-reference", label: "reference", help: "compare with the focused run", rank: 7)
    case .cycleLink:
      KeyRow(
        .character("u"), name: "next-link", label: "link", help: "link the cursors by step, by timestep, or not",
        rank: 6)
    case .cyclePaneView:
      KeyRow(
        .character("D"), name: "show-difference", label: "difference",
        help: "pictures, or differences to the reference", rank: 5)
    }
  }
}
