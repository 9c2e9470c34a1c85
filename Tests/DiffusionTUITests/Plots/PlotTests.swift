import DiffusionTUI
import TestSupport
import Testing

@Suite("Plots") struct PlotTests {
  static let sizes = [Size(columns: 72, rows: 14), Size(columns: 36, rows: 8), Size(columns: 14, rows: 4)]

  private func look(_ tier: ColorTier, unicode: Bool) -> Look {
    Look(theme: ThemeLibrary.builtIn.themes[0], capabilities: .init(colorTier: tier, unicode: unicode))
  }

  @Test("match their golden files at three sizes, in Unicode and in ASCII", arguments: PlotKind.allCases)
  func golden(kind: PlotKind) throws {
    for (tier, name) in [(ColorTier.trueColor, "truecolor"), (.ansi16, "16")]
    where tier == .trueColor || kind == .heatMap {
      let rows = Self.sizes.reduce(0) { $0 + $1.rows + 1 }
      var sheet = Frame(size: Size(columns: 72, rows: 2 * rows))
      var row = 0
      for unicode in [true, false] {
        for size in Self.sizes {
          let part = Rect(column: 0, row: row, columns: size.columns, rows: size.rows)
          kind.draw(into: &sheet, in: part, look: look(tier, unicode: unicode))
          row += size.rows + 1
        }
      }
      try Golden.check(sheet, "plot-\(kind.rawValue)-\(name)", tier: tier)
    }
  }

  @Test(
    "nothing is written outside the part, whatever the numbers", arguments: PlotKind.allCases, PlotKind.Data.allCases
  )
  func inside(kind: PlotKind, data: PlotKind.Data) {
    var random = SplitMix64(seed: 11)
    let outside = Cell("\u{00A7}", Style(foreground: RGB(1, 2, 3)))
    for round in 0..<60 {
      let size = Size(columns: .random(in: 1...90, using: &random), rows: .random(in: 1...30, using: &random))
      let part = Rect(
        column: .random(in: 0...size.columns, using: &random), row: .random(in: 0...size.rows, using: &random),
        columns: .random(in: 0...size.columns, using: &random), rows: .random(in: 0...size.rows, using: &random))
      var frame = Frame(size: Size(columns: size.columns + 9, rows: size.rows + 9), filling: outside)
      let tier = ColorTier.allCases[round % ColorTier.allCases.count]
      kind.draw(data, into: &frame, in: part, look: look(tier, unicode: round.isMultiple(of: 2)))
      for row in 0..<frame.size.rows {
        for column in 0..<frame.size.columns {
          let isInside = (part.column..<part.endColumn).contains(column) && (part.row..<part.endRow).contains(row)
          if !isInside { #expect(frame[column, row] == outside) }
          if isInside, round % 2 == 1 { #expect(frame[column, row].character.isASCII || frame[column, row] == outside) }
        }
      }
    }
  }

  @Test("something is shown on the largest screen and in the smallest part", arguments: PlotKind.allCases)
  func extremes(kind: PlotKind) {
    for size in [Size(columns: 8, rows: 2), Size(columns: 300, rows: 90)] {
      var frame = Frame(size: size)
      kind.draw(
        into: &frame, in: Rect(column: 0, row: 0, columns: size.columns, rows: size.rows),
        look: look(.trueColor, unicode: true))
      #expect(frame.cells.contains { $0 != Cell() })
    }
  }
}
