import DiffusionTUI
import Testing

@Suite struct ColorNumbersTests {
  @Test(arguments: [
    (RGB(0, 0, 0), 0x100), (RGB(0, 0, 7), 0x107), (RGB(0, 0, 8), 8), (RGB(1, 2, 3), 0x010203),
    (RGB(255, 255, 255), 0xFFFFFF),
  ]) func aDirectColorIsNeverTakenForAnANSIColor(color: RGB, number: Int) {
    #expect(foreground(color, .trueColor) == Int32(number))
  }

  @Test(arguments: [
    (RGB(0, 0, 0), 16), (RGB(255, 255, 255), 231), (RGB(95, 135, 175), 67), (RGB(8, 8, 8), 232),
    (RGB(238, 238, 238), 255), (RGB(128, 128, 128), 244), (RGB(255, 0, 0), 196),
  ]) func thePaletteIsTheCubeAndTheGreyRamp(color: RGB, number: Int) {
    #expect(foreground(color, .palette256) == Int32(number))
  }

  @Test(arguments: [
    (ColorTier.ansi8, RGB(255, 255, 255), 7), (.ansi16, RGB(255, 255, 255), 15), (.ansi8, RGB(250, 10, 10), 1),
    (.ansi16, RGB(250, 10, 10), 9), (.ansi8, RGB(20, 20, 20), 0), (.ansi16, RGB(120, 120, 120), 8),
  ]) func fewColorsAreTheNearestOnes(tier: ColorTier, color: RGB, number: Int) {
    #expect(foreground(color, tier) == Int32(number))
  }

  @Test(arguments: ColorTier.allCases) func noColorIsTheTerminalsOwn(tier: ColorTier) {
    #expect(foreground(nil, tier) == -1)
    #expect((foreground(RGB(1, 2, 3), tier) == -1) == (tier == .mono))
  }

  @Test func everyNumberIsWithinItsTier() {
    let limits: [(ColorTier, ClosedRange<Int32>)] = [
      (.ansi8, 0...7), (.ansi16, 0...15), (.palette256, 16...255), (.trueColor, 8...0xFFFFFF),
    ]
    let components = stride(from: 0, through: 255, by: 17).map { UInt8($0) }
    for (tier, range) in limits {
      for red in components {
        for green in components {
          for blue in components {
            let number = foreground(RGB(red, green, blue), tier)
            if !range.contains(number) { Issue.record("\(tier): \(red) \(green) \(blue) is \(number)") }
          }
        }
      }
    }
  }

  @Test func textDoesNotVanishButPixelsStay() {
    let numbers = ColorNumbers(tier: .ansi8)
    let style = Style(foreground: RGB(40, 40, 40), background: RGB(20, 20, 20))
    #expect(numbers.numbers(of: Cell("a", style)) == (7, 0))
    #expect(numbers.numbers(of: Cell("\u{2580}", style)) == (0, 0))
    let light = Style(foreground: RGB(250, 250, 250), background: RGB(240, 240, 240))
    #expect(numbers.numbers(of: Cell("a", light)) == (0, 7))
    let hidden = Style(foreground: RGB(20, 20, 20), background: RGB(20, 20, 20))
    #expect(numbers.numbers(of: Cell("a", hidden)) == (0, 0))
  }

  @Test(arguments: [ColorTier.ansi8, .ansi16, .palette256]) func filesHaveTheColorsOfTheTerminal(tier: ColorTier) {
    for (foreground, background) in [(40, 20), (250, 240), (128, 130), (0, 255), (90, 10)] as [(UInt8, UInt8)] {
      let style = Style(foreground: RGB(foreground, foreground, 99), background: RGB(background, 3, background))
      for character in ["a", "\u{2580}"] as [Character] {
        let cell = Cell(character, style)
        let numbers = ColorNumbers(tier: tier).numbers(of: cell)
        let text = FrameANSI(Frame(size: Size(columns: 1, rows: 1), filling: cell), tier: tier).text
        #expect(text.hasPrefix("\u{1B}[0;\(code(numbers.foreground, 30, tier));\(code(numbers.background, 40, tier))m"))
      }
    }
  }

  private func foreground(_ color: RGB?, _ tier: ColorTier) -> Int32 {
    ColorNumbers(tier: tier).numbers(of: Cell("a", Style(foreground: color))).foreground
  }

  private func code(_ number: Int32, _ base: Int32, _ tier: ColorTier) -> String {
    if tier == .palette256 { return "\(base + 8);5;\(number)" }
    return "\(number < 8 ? base + number : base + 52 + number)"
  }
}
