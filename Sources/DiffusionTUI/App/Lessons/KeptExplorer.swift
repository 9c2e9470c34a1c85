/// The explorer as it was before a lesson, to be put back when the lesson is left. Its runs stay in the engine
/// meanwhile.
package struct KeptExplorer: Sendable, Equatable {
  private let panes: [Pane]
  private let focus, reference: Int
  private let link: CursorLink
  private let paneView: PaneView
  private let view: TensorView
  private let inspection: Inspection
  private let gallery: Gallery?

  /// Keeps a state's runs and how they stand.
  package init(_ state: State) {
    panes = state.panes
    focus = state.focus
    reference = state.reference
    link = state.link
    paneView = state.paneView
    view = state.view
    inspection = state.inspection
    gallery = state.gallery
  }

  /// Puts everything back.
  package func restore(_ state: inout State) {
    state.panes = panes
    state.focus = focus
    state.reference = reference
    state.link = link
    state.paneView = paneView
    state.view = view
    state.inspection = inspection
    state.gallery = gallery
  }

  /// The numbers of runs that had not started yet; they are asked for anew.
  package var startingRuns: [Int] { panes.compactMap { $0.pending?.number } }
}
