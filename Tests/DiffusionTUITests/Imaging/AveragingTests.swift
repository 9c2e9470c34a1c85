import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Averaged areas") struct AveragingTests {
  @Test(
    "every shown pixel is the average of the area it covers, rounded half up",
    arguments: [(4, 4, 1, 2), (5, 7, 3, 7), (6, 4, 5, 4), (9, 9, 1, 3), (3, 2, 7, 3), (16, 11, 13, 16)])
  func exact(columns: Int, rows: Int, shown: Int, pixels: Int) {
    let picture = Pictures.noise(columns, rows)
    let scaled = ScaledPicture(picture: picture, scale: ImageScale(shown, of: pixels))
    let extent = scaled.extent
    for row in 0..<extent.rows {
      for column in 0..<extent.columns {
        // Every pixel cut into as many parts as there are shown pixels, so that a shown pixel has whole parts.
        var sum = (0, 0, 0)
        for part in 0..<columns * rows {
          let x = (column * columns + part % columns) / extent.columns
          let y = (row * rows + part / columns) / extent.rows
          let pixel = picture[x, y]
          sum = (sum.0 + Int(pixel.red), sum.1 + Int(pixel.green), sum.2 + Int(pixel.blue))
        }
        func level(_ sum: Int) -> UInt8 { UInt8((2 * sum + columns * rows) / (2 * columns * rows)) }
        #expect(scaled[column, row] == RGB(level(sum.0), level(sum.1), level(sum.2)))
      }
    }
  }

  @Test("a line of one pixel does not vanish at 1/2 and 1/4", arguments: [2, 4], 0..<4)
  func eyebrow(divisor: Int, line: Int) {
    let white = RGB(255, 255, 255), black = RGB(0, 0, 0)
    let pixels = (0..<256).map { $0 / 16 == 4 + line ? black : white }
    let picture = Picture(columns: 16, rows: 16, pixels: pixels)
    let scaled = ScaledPicture(picture: picture, scale: ImageScale(1, of: divisor))
    let level = UInt8((2 * 255 * (divisor - 1) + divisor) / (2 * divisor))
    #expect(scaled[0, (4 + line) / divisor] == RGB(level, level, level))
    #expect(scaled[0, 0] == white)
  }

  @Test("NaN and infinity stay visible") func marks() {
    var marks = Array(repeating: PixelMark.none, count: 64)
    (marks[9], marks[63]) = (.infinite, .notANumber)
    let picture = Picture(columns: 8, rows: 8, pixels: [], marks: marks)
    let scaled = ScaledPicture(picture: picture, scale: ImageScale(3, of: 8))
    #expect(scaled.mark(column: 0, row: 0) == .infinite && scaled[0, 0] == Picture.notANumber)
    #expect(scaled.mark(column: 2, row: 2) == .notANumber)
    #expect(scaled.mark(column: 1, row: 1) == .none && scaled[1, 1] == RGB(0, 0, 0))
  }

  @Test(
    "a picture fills its pane, and keeps whole pixels where they fill it nearly as well",
    arguments: [
      (46, 23, "1.4x, averaged", "1x"), (64, 32, "2x", "2x"), (70, 35, "2x", "2x"), (72, 36, "2.3x, averaged", "2x"),
      (28, 14, "0.9x, averaged", "1/2, averaged"), (16, 8, "1/2, averaged", "1/2, averaged"),
      (17, 9, "1/2, averaged", "1/2, averaged"), (8, 4, "1/4, averaged", "1/4, averaged"), (7, 3, nil, nil),
    ] as [(Int, Int, String?, String?)])
  func fitting(columns: Int, rows: Int, filling: String?, whole: String?) {
    for (fit, label) in [(PictureFit.filling, filling), (.whole, whole)] {
      let scale = ImageScale.fitting(
        Size(columns: 32, rows: 32), HalfBlockRenderer(), in: Size(columns: columns, rows: rows), fit: fit)
      #expect(scale?.label == label)
    }
  }

  @Test(
    "every renderer keeps a picture's proportions: a cell is twice as high as wide",
    arguments: ImageRendererKind.allCases, [(32, 32), (64, 48), (20, 60), (256, 256)])
  func proportions(kind: ImageRendererKind, size: (columns: Int, rows: Int)) throws {
    for fit in PictureFit.allCases {
      for space in [Size(columns: 100, rows: 50), Size(columns: 61, rows: 23)] {
        let pixels = Size(columns: size.columns, rows: size.rows)
        let scale = try #require(ImageScale.fitting(pixels, kind.renderer, in: space, fit: fit))
        let cells = kind.renderer.cells(for: scale.extent(of: pixels))
        // The height that the width should have, in cells; a cell may be shared at the edge.
        let height = Double(cells.columns * size.rows) / Double(2 * size.columns)
        #expect(abs(height - Double(cells.rows)) <= 1.5, "\(fit): \(cells)")
        #expect(cells.columns <= space.columns && cells.rows <= space.rows)
      }
    }
  }

  @Test("a pixel's cursor lies on the cells that show it", arguments: [(46, 23), (64, 32), (28, 14)])
  func cursor(columns: Int, rows: Int) throws {
    let picture = Pictures.noise(32, 32)
    let renderer = HalfBlockRenderer()
    let scale = try #require(
      ImageScale.fitting(picture.size, renderer, in: Size(columns: columns, rows: rows), fit: .filling))
    let scaled = ScaledPicture(picture: picture, scale: scale)
    for place in [PixelPlace(column: 0, row: 0), .init(column: 31, row: 31), .init(column: 7, row: 20)] {
      let cells = try #require(PixelCursor(place: place).cells(of: scaled, renderer: renderer, column: 0, row: 0))
      #expect(cells.endColumn <= columns && cells.endRow <= rows)
      let covered = scaled.sources(cells.column, 2 * cells.row)
      #expect(covered.contains(PixelPlace(column: place.column, row: covered.row)))
      #expect((covered.row - 1...covered.row + covered.rows).contains(place.row))
    }
  }
}
