import DiffusionTUI
import Testing

@Suite("Colour tiers") struct ColorPaletteTests {
  @Test("24-bit colours are unchanged, and mono has none") func ends() {
    #expect(ColorPalette.quantized(RGB(1, 2, 3), .trueColor) == .rgb(RGB(1, 2, 3)))
    #expect(ColorPalette.quantized(RGB(1, 2, 3), .mono) == .default)
  }

  @Test("each colour of the 256-colour palette maps to itself", arguments: 16...255) func roundTrip(index: Int)
    throws
  {
    let color = try #require(ColorPalette.rgb(of: .index(index)))
    let found = ColorPalette.quantized(color, .palette256)
    #expect(ColorPalette.rgb(of: found) == color)
    if case .index(let place) = found { #expect(place >= 16) }
  }

  @Test(
    "pure colours map to the named colours",
    arguments: [(RGB(255, 0, 0), 9, 1), (RGB(0, 255, 0), 10, 2), (RGB(0, 0, 0), 0, 0), (RGB(255, 255, 255), 15, 7)])
  func ansi(color: RGB, sixteen: Int, eight: Int) {
    #expect(ColorPalette.quantized(color, .ansi16) == .index(sixteen))
    #expect(ColorPalette.quantized(color, .ansi8) == .index(eight))
  }
}
