import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Imaging") struct ImagingTests {
  private let look = Look(theme: .plain, capabilities: .init(colorTier: .trueColor, unicode: true))

  private func picture(_ width: Int, _ height: Int, channels: Int = 3) throws -> Picture {
    let count = channels * width * height
    let tensor = try Tensor<Float>(
      shape: [1, channels, height, width], scalars: (0..<count).map { Float($0 * 7919 % 511) / 255 - 1 })
    return try #require(Picture(of: tensor))
  }

  @Test(
    "[-1, 1] maps to 0...255, whatever the image",
    arguments: [
      (-1, 0), (1, 255), (0, 128), (-7, 0), (3, 255), (.infinity, 255), (-.infinity, 0),
    ] as [(Float, UInt8)])
  func level(value: Float, level: UInt8) {
    #expect(Picture.level(value) == level)
  }

  @Test("half blocks hold every pixel exactly", arguments: [(32, 32, 1), (32, 32, 3), (5, 7, 1), (6, 4, 2)])
  func exact(width: Int, height: Int, zoom: Int) throws {
    let picture = try picture(width, height)
    let scaled = ScaledPicture(picture: picture, scale: ImageScale(zoom: zoom, stride: 1))
    let cells = HalfBlockRenderer().cells(for: scaled.extent)
    var frame = Frame(size: Size(columns: cells.columns + 2, rows: cells.rows + 2))
    HalfBlockRenderer().draw(scaled, into: &frame, column: 1, row: 1, look: look)
    for row in 0..<height * zoom {
      for column in 0..<width * zoom {
        let cell = frame[1 + column, 1 + row / 2]
        let shown = row.isMultiple(of: 2) ? cell.style.foreground : cell.style.background
        #expect(shown == picture[column / zoom, row / zoom])
      }
    }
  }

  @Test("a scale of 1/k has a shown pixel for k by k") func fraction() throws {
    let scaled = ScaledPicture(picture: try picture(9, 9), scale: ImageScale(zoom: 1, stride: 2))
    #expect(scaled.extent == Size(columns: 5, rows: 5))
  }

  @Test("one channel is gray, NaN stands out, and other shapes have no picture") func colors() throws {
    let gray = try #require(Picture(of: try Tensor<Float>(shape: [1, 1, 1, 2], scalars: [1, .nan])))
    #expect(gray[0, 0] == RGB(255, 255, 255))
    #expect(gray[1, 0] == Picture.notANumber)
    #expect(Picture(of: try Tensor<Float>(shape: [2], scalars: [0, 0])) == nil)
    #expect(Picture(of: try Tensor<Float>(shape: [1, 1, 1, 1], scalars: [0]), image: 1) == nil)
  }

  @Test("the second image of a batch has its own pixels") func batch() throws {
    let tensor = try Tensor<Float>(shape: [2, 3, 1, 1], scalars: [0, 0, 0, 1, -1, 1])
    #expect(Picture(of: tensor, image: 1)?[0, 0] == RGB(255, 0, 255))
  }

  @Test("the ramp takes two columns per pixel, from dark to light") func ramp() throws {
    let tensor = try Tensor<Float>(shape: [1, 1, 1, 3], scalars: [-1, 0, 1])
    let scaled = ScaledPicture(
      picture: try #require(Picture(of: tensor)), scale: ImageScale(zoom: 1, stride: 1))
    var frame = Frame(size: Size(columns: 6, rows: 1))
    ASCIIRampRenderer().draw(scaled, into: &frame, column: 0, row: 0, look: look)
    #expect(FrameText(frame).text == "  ++@@\n")
  }
}
