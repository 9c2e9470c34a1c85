import DiffusionTUI
import TestSupport

/// Pictures to draw in tests.
enum Pictures {
  static let look = Look(theme: .plain, capabilities: .init(colorTier: .trueColor, unicode: true))

  /// A picture of noise.
  static func noise(_ columns: Int, _ rows: Int, seed: UInt64 = 1) -> Picture {
    var generator = SplitMix64(seed: seed)
    let pixels = (0..<columns * rows).map { _ in
      let bits = generator.next()
      return RGB(UInt8(bits & 255), UInt8(bits >> 8 & 255), UInt8(bits >> 16 & 255))
    }
    return Picture(columns: columns, rows: rows, pixels: pixels)
  }

  /// A picture in which every cell of a grid has its own two colours.
  static func twoColors(_ cells: Size, of grid: MosaicGrid, seed: UInt64 = 2) -> Picture {
    var generator = SplitMix64(seed: seed)
    let colors = noise(2 * cells.columns, cells.rows, seed: seed)
    let size = Size(columns: cells.columns * grid.size.columns, rows: cells.rows * grid.size.rows)
    let pixels = (0..<size.columns * size.rows).map { index in
      let (column, row) = (index % size.columns / grid.size.columns, index / size.columns / grid.size.rows)
      return colors[2 * column + (Bool.random(using: &generator) ? 1 : 0), row]
    }
    return Picture(columns: size.columns, rows: size.rows, pixels: pixels)
  }

  /// The picture at a scale.
  static func scaled(_ picture: Picture, zoom: Int = 1, region: PixelRegion? = nil) -> ScaledPicture {
    ScaledPicture(picture: picture, scale: ImageScale(zoom: zoom, stride: 1), region: region)
  }

  /// A frame with what a renderer draws for a picture, and nothing else.
  static func frame(_ picture: ScaledPicture, _ renderer: any ImageRenderer, look: Look = look) -> Frame {
    var frame = Frame(size: renderer.cells(for: picture.extent))
    renderer.draw(picture, into: &frame, column: 0, row: 0, look: look)
    return frame
  }
}
