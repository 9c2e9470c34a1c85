import DiffusionCore

/// How the runs side by side are compared and linked.
public struct Compare: Sendable, Equatable {
  /// The pane that the others are compared with; always one of ``State/panes``.
  public package(set) var reference = 0
  /// The panes that move together.
  public package(set) var link = CursorLink.step
  /// The contents of the pictures of several panes.
  public package(set) var view = PaneView.values
  /// What the plot of differences over the steps shows.
  public package(set) var measure = DifferenceMeasure.largest
  /// How far runs of other numbers of steps ended from the reference.
  public package(set) var errors = SolverErrors()
}

/// The actions on runs side by side.
public enum CompareAction: FeatureAction {
  case addPane, closePane
  case focusNext, focusPrevious
  /// Focuses the pane at an index, from 0.
  case focusPane(Int)
  case setReference, cycleLink, cyclePaneView
  /// Show another measure of differences.
  case cycleMeasure
  /// Add the focused run with rounded weights and with sums in another order.
  case comparePrecision

  /// The actions in the order of help.
  public static let allCases: [CompareAction] =
    [.addPane, .closePane, .focusNext, .focusPrevious] + (0..<PaneLimit.panes).map { .focusPane($0) }
    + [.setReference, .cycleLink, .cyclePaneView, .cycleMeasure, .comparePrecision]

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
    case .cycleMeasure:
      KeyRow(
        .character("%"), name: "next-measure", label: "measure",
        help: "plot differences as largest, RMSE, ulps or equal", yields: true)
    case .comparePrecision:
      KeyRow(
        .character("F"), name: "compare-precision", label: "precision",
        help: "add bfloat16, float16 and other sums side by side", yields: true)
    }
  }
}

/// Comparing runs side by side.
extension State {
  /// Performs an action on the panes.
  mutating func act(_ action: CompareAction) -> [Effect] {
    switch action {
    case .addPane: return addPane()
    case .closePane: return closePane()
    case .focusNext: focus = (focus + 1) % panes.count
    case .focusPrevious: focus = (focus + panes.count - 1) % panes.count
    case .focusPane(let index): focusPane(index)
    case .setReference: compare.reference = focus
    case .cycleLink:
      let effects = cycleLink()
      if isComparing { return effects }
    case .cyclePaneView: compare.view = compare.view.next
    case .cycleMeasure: cycleMeasure()
    case .comparePrecision: return comparePrecision()
    }
    if !isComparing, let reason = reasonForOneRun(action) {
      notice = "\(reason): \(pressing(.compare(.addPane))) to add one"
    }
    return []
  }

  /// Why an action shows nothing while there is one run; nil for those that say so themselves.
  private func reasonForOneRun(_ action: CompareAction) -> String? {
    switch action {
    case .addPane, .closePane, .focusPane, .cycleMeasure, .comparePrecision: nil
    case .focusNext, .focusPrevious: "this is the only run"
    case .setReference: "a reference is for comparing with another run"
    case .cycleLink: "cursors are \(compare.link.label) once there is another run"
    case .cyclePaneView:
      "\(compare.view == .difference ? "differences" : "pictures") show once there is another run"
    }
  }

  /// Adds and focuses a copy of the focused run with the next seed, and advances it to the position of the original.
  private mutating func addPane() -> [Effect] {
    guard panes.count < Self.maximumPanes else {
      notice = "there are \(Self.maximumPanes) runs already: \(pressing(.compare(.closePane))) to close one first"
      return []
    }
    var request = pane.latestRequest
    request.settings.seeds = request.settings.seeds.map(\.next)
    let place = placeOfFocus
    panes.append(Pane(request))
    focus = panes.count - 1
    return start(request, in: focus, goal: place)
  }

  /// Closes the focused pane, unless it is the only one.
  private mutating func closePane() -> [Effect] {
    guard isComparing else {
      notice = "this is the only run: \(pressing(.program(.quit))) to quit"
      return []
    }
    let effects = halt([focus])
    let closed = panes.remove(at: focus)
    if compare.reference == focus { compare.reference = 0 } else if compare.reference > focus { compare.reference -= 1 }
    focus = min(focus, panes.count - 1)
    return effects + [.discard(runs: closed.runNumbers)] + advance()
  }

  private mutating func focusPane(_ index: Int) {
    if panes.indices.contains(index) {
      focus = index
    } else {
      notice =
        "there is no run \(index + 1): there \(isComparing ? "are \(panes.count)" : "is one"); "
        + "\(pressing(.compare(.addPane))) to add one"
    }
  }

  /// Switches to the next way to link the cursors; newly linked panes join the focused one.
  private mutating func cycleLink() -> [Effect] {
    compare.link = compare.link.next
    if isComparing { news = "cursors are \(compare.link.label)" }
    guard isComparing, compare.link != .unlinked, run != nil else { return [] }
    forgetRestoredPositions()
    let place = playback.isPlaying ? nil : Optional(placeOfFocus)
    if let place { aim(at: place) }
    return advance()
  }

  /// Updates the comparisons that have changed.
  mutating func refreshComparisons() {
    for index in panes.indices {
      guard index != compare.reference, isComparing else {
        panes[index].comparison = nil
        panes[index].divergence = nil
        continue
      }
      panes[index].comparison = PaneComparison(
        reference: panes[compare.reference], other: panes[index], view: view, unless: panes[index].comparison)
      compare.errors.add(panes[index], reference: panes[compare.reference])
      if let left = panes[compare.reference].run, let right = panes[index].run,
        left.description.initialNoise.shape == right.description.initialNoise.shape
      {
        panes[index].divergence =
          panes[index].divergence?.updated(reference: left, other: right, shown: panes[index].comparison)
          ?? Divergence(reference: left, other: right)
      } else {
        panes[index].divergence = nil
      }
    }
  }
}
