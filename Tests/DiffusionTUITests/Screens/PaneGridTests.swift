import DiffusionTUI
import Testing

@Suite("The grid of panes") struct PaneGridTests {
  private func layout(
    _ columns: Int, _ rows: Int, panes: Int, focus: Int = 0, pixels: Int = 32, fit: PictureFit = .filling
  ) -> Layout {
    Layout(
      size: Size(columns: columns, rows: rows), panes: panes, focus: focus,
      pixels: Size(columns: pixels, rows: pixels), renderer: HalfBlockRenderer(), statusLines: 1, fit: fit)
  }

  @Test("keeps every pane inside the body and apart from the others", arguments: 2...8) func disjoint(panes: Int) {
    for columns in stride(from: 1, to: 210, by: 11) {
      for rows in 1...60 {
        let layout = layout(columns, rows, panes: panes, focus: panes - 1)
        let parts = (layout.grid?.places.map(\.part) ?? []) + [layout.comparison].compactMap { $0 }
        for (index, part) in parts.enumerated() {
          #expect(part.column >= 0 && part.endColumn <= columns)
          #expect(part.row >= layout.body.row && part.endRow <= layout.body.endRow, "\(columns)x\(rows)")
          for other in parts.dropFirst(index + 1) {
            let apart =
              part.endRow <= other.row || other.endRow <= part.row || part.endColumn <= other.column
              || other.endColumn <= part.column
            #expect(apart, "\(columns)x\(rows): \(part) and \(other)")
          }
        }
      }
    }
  }

  @Test(
    "shows all at the largest scale that fits, and prefers a fraction to showing fewer",
    arguments: [
      (80, 24, 2, 2, "1x"), (80, 24, 4, 4, "1/2, averaged"), (80, 24, 8, 8, "1/2, averaged"), (120, 40, 2, 2, "1x"),
      (120, 40, 4, 4, "1x"), (200, 60, 8, 8, "1x"), (200, 60, 3, 3, "2x"),
    ])
  func scale(columns: Int, rows: Int, panes: Int, seen: Int, label: String) throws {
    let grid = try #require(layout(columns, rows, panes: panes, fit: .whole).grid)
    #expect(grid.places.count == seen)
    #expect(grid.plan.scale?.label == label)
  }

  @Test("the page is the one with the focused pane", arguments: 0..<8) func page(focus: Int) throws {
    let grid = try #require(layout(24, 10, panes: 8, focus: focus).grid)
    #expect(grid.places.count < 8)
    #expect(grid.places.contains { $0.pane == focus })
  }
}
