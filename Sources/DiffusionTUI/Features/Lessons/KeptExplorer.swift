/// The explorer as it was before a lesson, to be put back when the lesson is left. Its runs stay in the engine
/// meanwhile.
package struct KeptExplorer: Sendable, Equatable {
  private let panes: [Pane]
  private let focus: Int
  private let compare: Compare
  private let view: TensorView
  private let inspection: Inspection
  private let gallery: Gallery?
  private let layers: [Layer]

  /// Keeps a state's runs and how they stand.
  package init(_ state: State) {
    panes = state.panes
    focus = state.focus
    compare = state.compare
    view = state.view
    inspection = state.inspection
    gallery = state.gallery
    layers = state.layers.filter { $0.kind.isKept }
  }

  /// Puts everything back. A file that is being written goes on being written.
  package func restore(_ state: inout State) {
    state.panes = panes
    state.focus = focus
    state.compare = compare
    state.view = view
    state.inspection = inspection
    state.gallery = gallery
    state.layers = layers + state.layers.filter { $0.kind == .writing }
  }

  /// The numbers of runs that had not started yet; they are asked for anew.
  package var startingRuns: [Int] { panes.compactMap { $0.pending?.number } }
}
