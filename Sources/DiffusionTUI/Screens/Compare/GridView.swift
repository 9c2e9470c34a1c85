import DiffusionCore

/// Several runs side by side.
package struct GridView {
  package let state: State
  package let grid: PaneGrid

  package func draw(into frame: inout Frame, look: Look) {
    for place in grid.places {
      PaneCell(state: state, index: place.pane, plan: grid.plan).draw(into: &frame, in: place.part, look: look)
    }
  }
}
