import DiffusionTUI
import Testing

@Suite("Layout") struct LayoutTests {
  private func layout(
    _ columns: Int, _ rows: Int, _ pixels: Int = 32, fit: PictureFit = .whole
  ) -> Layout {
    Layout(
      size: Size(columns: columns, rows: rows), pixels: Size(columns: pixels, rows: pixels),
      renderer: HalfBlockRenderer(), statusLines: 1, fit: fit)
  }

  @Test(
    "gives a 32x32 picture the largest whole scale that fits",
    arguments: [(80, 24, "1x"), (120, 40, "2x"), (200, 60, "3x"), (60, 20, "1x"), (40, 12, "1/2, averaged")])
  func scale(columns: Int, rows: Int, label: String) {
    #expect(layout(columns, rows).scale?.label == label)
  }

  @Test(
    "lets a 32x32 picture fill its pane, and keeps whole pixels where they fill it nearly as well",
    arguments: [
      (80, 24, "1x"), (100, 30, "1.4x, averaged"), (120, 40, "2x"), (200, 60, "3x"), (60, 20, "0.9x, averaged"),
    ])
  func filling(columns: Int, rows: Int, label: String) {
    #expect(layout(columns, rows, fit: .filling).scale?.label == label)
  }

  @Test("keeps every part inside the screen and apart from the others") func disjoint() {
    for columns in stride(from: 1, to: 210, by: 7) {
      for rows in 1...60 {
        let layout = layout(columns, rows, fit: rows.isMultiple(of: 2) ? .whole : .filling)
        let parts = [
          layout.header, layout.rule, layout.picture, layout.caption, layout.statistics, layout.timeline,
          layout.settings, layout.status, layout.footer,
        ].compactMap { $0 }.filter { $0.rows > 0 && $0.columns > 0 }
        #expect(parts.allSatisfy { $0.column >= 0 && $0.row >= 0 && $0.endColumn <= columns && $0.endRow <= rows })
        for (index, part) in parts.enumerated() {
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

  @Test("shows a picture that is too large at a whole fraction") func fraction() {
    #expect(layout(80, 24, 256).scale?.label == "1/8, averaged")
    #expect(layout(200, 60, 64).scale?.label == "1x")
  }
}
