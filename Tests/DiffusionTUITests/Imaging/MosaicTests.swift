import DiffusionTUI
import TestSupport
import Testing

@Suite("Mosaics with several pixels per cell") struct MosaicTests {
  static let blocks: [MosaicGrid] = [.quadrant, .sextant]

  @Test(
    "every filling of a cell has its own character, and is read back from it", arguments: MosaicGrid.allCases
  )
  func characters(grid: MosaicGrid) {
    let masks = 0..<1 << (grid.size.columns * grid.size.rows)
    #expect(Set(masks.map(grid.character)).count == masks.count)
    // All grids share blank, full and the halves.
    for mask in masks where !" \u{2580}\u{2584}\u{2588}".contains(grid.character(mask)) {
      let reading = MosaicGrid.reading(grid.character(mask))
      let isHalf = grid == .sextant && "\u{258C}\u{2590}".contains(grid.character(mask))
      #expect(reading?.grid == (isHalf ? .quadrant : grid))
      if !isHalf { #expect(reading?.mask == mask) }
    }
  }

  @Test(
    "corners and halves have the characters Unicode names for them",
    arguments: [
      (.quadrant, 1, "\u{2598}"), (.quadrant, 2, "\u{259D}"), (.quadrant, 4, "\u{2596}"), (.quadrant, 8, "\u{2597}"),
      (.quadrant, 5, "\u{258C}"), (.quadrant, 9, "\u{259A}"), (.quadrant, 7, "\u{259B}"), (.sextant, 1, "\u{1FB00}"),
      (.sextant, 2, "\u{1FB01}"), (.sextant, 20, "\u{1FB13}"), (.sextant, 22, "\u{1FB14}"), (.sextant, 62, "\u{1FB3B}"),
      (.sextant, 42, "\u{2590}"), (.braille, 1, "\u{2801}"), (.braille, 2, "\u{2808}"), (.braille, 4, "\u{2802}"),
      (.braille, 64, "\u{2840}"), (.braille, 128, "\u{2880}"), (.braille, 255, "\u{28FF}"),
    ] as [(MosaicGrid, Int, Character)])
  func names(grid: MosaicGrid, mask: Int, character: Character) {
    #expect(grid.character(mask) == character)
  }

  @Test("a cell with up to two colours is exact", arguments: blocks)
  func exact(grid: MosaicGrid) {
    let picture = Pictures.twoColors(Size(columns: 9, rows: 7), of: grid)
    let scaled = Pictures.scaled(picture)
    let renderer = MosaicRenderer(grid)
    #expect(renderer.approximatedCells(of: scaled) == 0)
    let frame = Pictures.frame(scaled, renderer)
    for row in 0..<picture.rows {
      for column in 0..<picture.columns {
        #expect(shown(frame, grid, column, row) == picture[column, row])
      }
    }
  }

  @Test("a cell with more is drawn in two colours and reported as approximate", arguments: blocks)
  func approximate(grid: MosaicGrid) {
    let scaled = Pictures.scaled(Pictures.noise(grid.size.columns * 5, grid.size.rows * 5))
    #expect(MosaicRenderer(grid).approximatedCells(of: scaled) == 25)
    let kind: ImageRendererKind = grid == .quadrant ? .quadrant : .sextant
    #expect(kind.caption(for: scaled) == "\(kind.label), 100% of cells approximate")
  }

  @Test("a picture of noise is exact at a scale where every cell lies inside one pixel")
  func zoomed() {
    let scaled = Pictures.scaled(Pictures.noise(6, 5), zoom: 2)
    #expect(MosaicRenderer(.quadrant).approximatedCells(of: scaled) == 0)
    #expect(ImageRendererKind.quadrant.caption(for: scaled) == "quadrant")
  }

  @Test("dots are denser where the picture is lighter, and the reverse on a light background")
  func braille() {
    func dots(_ level: UInt8, background: RGB) -> Int {
      let picture = Picture(columns: 8, rows: 8, pixels: Array(repeating: RGB(level, level, level), count: 64))
      let ink = RGB(255 - background.red, 255 - background.green, 255 - background.blue)
      let theme = Theme(name: "test", roles: [.background: .init(color: background), .text: .init(color: ink)])
      let frame = Pictures.frame(
        Pictures.scaled(picture), BrailleRenderer(),
        look: Look(theme: theme, capabilities: Pictures.look.capabilities))
      return frame.cells.reduce(0) { $0 + (MosaicGrid.reading($1.character)?.mask ?? 0).nonzeroBitCount }
    }
    let black = RGB(0, 0, 0)
    #expect([0, 64, 128, 255].map { dots($0, background: black) } == [0, 16, 32, 64])
    #expect([0, 64, 128, 255].map { dots($0, background: RGB(255, 255, 255)) } == [64, 48, 32, 0])
  }

  /// The colour shown at a position in a cell.
  private func shown(_ frame: Frame, _ grid: MosaicGrid, _ column: Int, _ row: Int) -> RGB? {
    let cell = frame[column / grid.size.columns, row / grid.size.rows]
    let bit = row % grid.size.rows * grid.size.columns + column % grid.size.columns
    let masks = 0..<1 << (grid.size.columns * grid.size.rows)
    guard let mask = masks.first(where: { grid.character($0) == cell.character }) else { return nil }
    return mask >> bit & 1 == 1 ? cell.style.foreground : cell.style.background
  }
}
