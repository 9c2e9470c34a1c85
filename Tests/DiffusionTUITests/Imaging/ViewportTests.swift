import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Zoom and cursor") struct ViewportTests {
  @Test("starts with the whole picture, and zooms in on its centre") func zoom() {
    var viewport = Viewport(picture: Size(columns: 32, rows: 24))
    #expect(viewport.region == PixelRegion(column: 0, row: 0, columns: 32, rows: 24))
    #expect(viewport.label == "whole picture")
    viewport.zoomIn()
    #expect(viewport.region == PixelRegion(column: 8, row: 6, columns: 16, rows: 12))
    #expect(viewport.label == "x 8-23  y 6-17")
    for _ in 0..<9 { viewport.zoomIn() }
    #expect(viewport.factor == viewport.maximumFactor && viewport.factor == 4)
    for _ in 0..<9 { viewport.zoomOut() }
    #expect(viewport.region == PixelRegion(column: 0, row: 0, columns: 32, rows: 24))
  }

  @Test("zooms in on the cursor and follows it") func cursor() {
    var viewport = Viewport(picture: Size(columns: 32, rows: 32))
    viewport.moveCursor(columns: 1, rows: 0)
    #expect(viewport.cursor == PixelPlace(column: 16, row: 16))
    viewport.point(at: PixelPlace(column: 99, row: -5))
    #expect(viewport.cursor == PixelPlace(column: 31, row: 0))
    viewport.zoomIn()
    #expect(viewport.region == PixelRegion(column: 16, row: 0, columns: 16, rows: 16))
    viewport.moveCursor(columns: -16, rows: 0)
    #expect(viewport.cursor == PixelPlace(column: 15, row: 0))
    #expect(viewport.region.contains(PixelPlace(column: 15, row: 0)))
  }

  @Test("the part always lies in the picture, and the cursor in the part")
  func invariants() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<60 {
      let size = Size(columns: .random(in: 0...70, using: &random), rows: .random(in: 0...70, using: &random))
      var viewport = Viewport(picture: size)
      for _ in 0..<80 {
        let (columns, rows) = (Int.random(in: -40...40, using: &random), Int.random(in: -40...40, using: &random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: viewport.zoomIn()
        case 1: viewport.zoomOut()
        case 2: viewport.point(at: PixelPlace(column: columns, row: rows))
        case 3: viewport = viewport.applied(to: size)
        default: viewport.moveCursor(columns: columns, rows: rows)
        }
        let region = viewport.region
        #expect(region.column >= 0 && region.column + region.columns <= viewport.picture.columns)
        #expect(region.row >= 0 && region.row + region.rows <= viewport.picture.rows)
      }
    }
  }

  @Test("selects the same part of a picture of another size") func applied() {
    var viewport = Viewport(picture: Size(columns: 64, rows: 64))
    for _ in 0..<4 { viewport.zoomIn() }
    viewport.point(at: PixelPlace(column: 60, row: 60))
    let small = viewport.applied(to: Size(columns: 16, rows: 16))
    #expect(small.factor == 4)
    #expect(small.cursor == PixelPlace(column: 15, row: 15))
    #expect(viewport.applied(to: Size(columns: 64, rows: 64)) == viewport)
  }

  @Test("a part shows exactly its own pixels") func part() {
    let picture = Pictures.noise(16, 16)
    let region = PixelRegion(column: 5, row: 7, columns: 4, rows: 4)
    let scaled = Pictures.scaled(picture, zoom: 3, region: region)
    #expect(scaled.extent == Size(columns: 12, rows: 12))
    for row in 0..<12 {
      for column in 0..<12 { #expect(scaled[column, row] == picture[5 + column / 3, 7 + row / 3]) }
    }
  }

  @Test(
    "the cursor is drawn over the cells of its pixel",
    arguments: [
      (.halfBlock, 4, Rect(column: 14, row: 5, columns: 4, rows: 2)),
      (.halfBlock, 1, Rect(column: 11, row: 3, columns: 1, rows: 2)),
      (.asciiRamp, 2, Rect(column: 14, row: 7, columns: 4, rows: 2)),
      (.quadrant, 2, Rect(column: 11, row: 5, columns: 1, rows: 1)),
    ] as [(ImageRendererKind, Int, Rect)])
  func mark(kind: ImageRendererKind, zoom: Int, expected: Rect) {
    let scaled = Pictures.scaled(
      Pictures.noise(8, 8), zoom: zoom, region: PixelRegion(column: 2, row: 2, columns: 4, rows: 4))
    let cursor = PixelCursor(place: PixelPlace(column: 3, row: 4))
    let row = kind == .halfBlock && zoom == 1 ? 2 : kind == .halfBlock ? 1 : 3
    let cells = cursor.cells(of: scaled, renderer: kind.renderer, column: 10, row: row)
    #expect(cells?.column == expected.column && cells?.columns == expected.columns)
    var frame = Frame(size: Size(columns: 40, rows: 20))
    cursor.draw(
      into: &frame, on: scaled, renderer: kind.renderer, column: 10, row: row, look: Pictures.look)
    #expect(frame.cells.contains { "[+".contains($0.character) })
    let outside = PixelCursor(place: PixelPlace(column: 0, row: 0))
    #expect(outside.cells(of: scaled, renderer: kind.renderer, column: 0, row: 0) == nil)
  }

  @Test("a pixel's values are read back unchanged, with what is shown of them")
  func readout() throws {
    let scalars: [Float] = [0, -1.5, 0.1, 0, 0.33333334, .nan]
    let tensor = try Tensor<Float>(shape: [1, 3, 1, 2], scalars: scalars)
    let readout = try #require(PixelReadout(of: tensor, at: PixelPlace(column: 1, row: 0)))
    #expect(readout.values.prefix(2) == [-1.5, 0])
    #expect(readout.text(columns: 80) == "(1, 0)  R -1.5 = 0 clipped  G 0 = 128  B nan = -")
    #expect(readout.text(columns: 39) == "(1, 0)  R -1.5  G 0  B nan")
    #expect(readout.text(columns: 8) == "(1, 0)")
    #expect(Float(PixelReadout.exact(0.33333334)) == 0.33333334)
    #expect(PixelReadout(of: tensor, at: PixelPlace(column: 2, row: 0)) == nil)
    #expect(PixelReadout(of: try Tensor<Float>(shape: [2], scalars: [0, 0]), at: .init(column: 0, row: 0)) == nil)
  }
}
