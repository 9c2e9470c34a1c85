import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Values a picture must not hide") struct AlarmTests {
  private func picture(_ scalars: [Float], _ width: Int, marksClipping: Bool = false) throws -> Picture {
    let tensor = try Tensor<Float>(shape: [1, 1, scalars.count / width, width], scalars: scalars)
    return try #require(Picture(of: tensor, marksClipping: marksClipping))
  }

  static let renderers: [ImageRendererKind] = [.halfBlock, .asciiRamp, .quadrant, .sextant, .braille]

  @Test("NaN and infinity are drawn as letters, which no image produces", arguments: renderers)
  func letters(kind: ImageRendererKind) throws {
    let broken = try picture([.nan, .nan, .nan, .nan, 0, 0, .infinity, .infinity, 0, 0, -.infinity, 0], 2)
    let scaled = Pictures.scaled(broken, zoom: 4)
    let letters = Pictures.frame(scaled, kind.renderer).cells.map(\.character).filter { "NI".contains($0) }
    #expect(letters.contains("N") && letters.contains("I"))
    let sound = Pictures.frame(Pictures.scaled(Pictures.noise(12, 12)), kind.renderer)
    #expect(!sound.cells.contains { "NI".contains($0.character) })
  }

  @Test("a finite pixel that shares a cell with a NaN or an infinity shows behind the letter")
  func neighbor() throws {
    let frame = Pictures.frame(Pictures.scaled(try picture([.nan, 1, 1, .infinity], 2)), HalfBlockRenderer())
    let white = RGB(255, 255, 255)
    #expect(frame[0, 0].character == "N" && frame[0, 0].style.background == white)
    #expect(frame[1, 0].character == "I" && frame[1, 0].style.background == white)
    #expect(frame.cells.allSatisfy { $0.style.foreground == Picture.notANumber })
  }

  @Test("a magenta pixel in an image raises no alarm") func magenta() {
    let picture = Picture(columns: 1, rows: 1, pixels: [Picture.notANumber])
    let frame = Pictures.frame(Pictures.scaled(picture), ASCIIRampRenderer())
    #expect(!frame.cells.contains { "NI".contains($0.character) })
    #expect(!picture.hasMarks)
  }

  @Test("without colours, attributes make the letters stand out") func mono() throws {
    let look = Look(theme: .plain, capabilities: .init(colorTier: .mono, unicode: false))
    let frame = Pictures.frame(
      Pictures.scaled(try picture([.nan, .nan], 2)), ASCIIRampRenderer(), look: look)
    #expect(FrameText(frame).text == "NNNN\n")
    #expect(frame[0, 0].style.attributes == [.bold, .reverse] && frame[2, 0].style.attributes == .bold)
  }

  @Test("an overlay marks clipped pixels by sign, on a gray picture") func clipping() throws {
    let overlay = try picture([1, -1, 0.5, 7, -7, -0.999], 3, marksClipping: true)
    let (above, below) = (Picture.clippedAbove, Picture.clippedBelow)
    #expect([overlay[0, 0], overlay[1, 0], overlay[0, 1], overlay[1, 1]] == [above, below, above, below])
    #expect(overlay[2, 0] == RGB(95, 95, 95) && overlay[2, 1] == RGB(0, 0, 0))
  }

  @Test("a single channel is gray; a missing one has no picture") func channels() throws {
    let tensor = try Tensor<Float>(shape: [1, 3, 1, 1], scalars: [-1, 1, 0])
    #expect(Picture(of: tensor, channel: 1)?[0, 0] == RGB(255, 255, 255))
    #expect(Picture(of: tensor, channel: 2)?[0, 0] == RGB(128, 128, 128))
    #expect(Picture(of: tensor, channel: 3) == nil)
  }
}
