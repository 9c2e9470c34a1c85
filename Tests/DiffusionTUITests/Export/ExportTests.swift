import DiffusionTUI
import Testing

@Suite("Frames as files") struct ExportTests {
  private var frame: Frame {
    var frame = Frame(size: Size(columns: 6, rows: 2), filling: Cell(" ", Style(background: RGB(0, 0, 0))))
    frame.write(
      "a<&>", Style(foreground: RGB(255, 255, 255), background: RGB(0, 0, 0), attributes: .bold), column: 0, row: 0,
      end: 6)
    frame[0, 1] = Cell("\u{2580}", Style(foreground: RGB(255, 0, 0), background: RGB(0, 0, 255)))
    frame[1, 1] = Cell("\u{2580}", Style(foreground: RGB(255, 0, 0), background: RGB(0, 255, 0)))
    return frame
  }

  @Test("text has the characters and no trailing spaces") func text() {
    #expect(FrameText(frame).text == "a<&>\n▀▀\n")
  }

  @Test("ANSI sets each style once and resets each line") func ansi() {
    let lines = FrameANSI(frame).text.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("\u{1B}[0;1;38;2;255;255;255;48;2;0;0;0ma<&>\u{1B}["))
    #expect(lines.allSatisfy { $0.hasSuffix("\u{1B}[0m") })
    #expect(FrameANSI(frame, tier: .ansi16).text.contains("\u{1B}[0;91;44m▀"))
    #expect(FrameANSI(frame, tier: .palette256).text.contains("38;5;196"))
    #expect(!FrameANSI(frame, tier: .mono).text.contains("38;"))
  }

  @Test("SVG draws half blocks as rectangles, and merges neighbours of one colour") func svg() {
    let svg = FrameSVG(frame).text
    #expect(svg.contains("<rect x=\"0\" y=\"16\" width=\"16\" height=\"8\" fill=\"#ff0000\"/>"))
    #expect(svg.contains("<rect x=\"0\" y=\"24\" width=\"8\" height=\"8\" fill=\"#0000ff\"/>"))
    #expect(svg.contains("<rect x=\"8\" y=\"24\" width=\"8\" height=\"8\" fill=\"#00ff00\"/>"))
    #expect(svg.contains(">a&lt;&amp;&gt;</text>"))
    #expect(!svg.contains("▀"))
    #expect(svg.hasSuffix("</svg>\n"))
  }

  @Test("SVG has only the colours of the tier", arguments: ColorTier.allCases) func tiers(tier: ColorTier) {
    var frame = frame
    for place in 0..<6 {
      let level = UInt8(37 * place)
      frame[place, 1] = Cell("\u{2580}", Style(foreground: RGB(level, 99, 3), background: RGB(255, level, 17)))
    }
    let known: Set<String> = Set(
      [RGB(216, 222, 228), RGB(17, 21, 26)].map(hex)
        + frame.cells.flatMap { cell in
          let colors = ColorPalette.colors(of: cell, tier)
          return [colors.foreground, colors.background].compactMap(ColorPalette.rgb).map(hex)
        })
    let used = FrameSVG(frame, tier: tier).text.matches(of: #/fill="(#[0-9a-f]{6})"/#).map { String($0.output.1) }
    #expect(!used.isEmpty && Set(used).isSubset(of: known))
    if tier == .mono { #expect(Set(used).isSubset(of: [hex(RGB(216, 222, 228)), hex(RGB(17, 21, 26))])) }
    if tier == .trueColor { #expect(used.contains("#ff0011")) }
    if tier == .palette256 { #expect(!used.contains("#ff0011") && used.count > 4) }
  }

  private func hex(_ color: RGB) -> String {
    "#" + [color.red, color.green, color.blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test("SVG draws lines as rectangles too, so that they end in the right place in any font") func lines() {
    var frame = Frame(size: Size(columns: 6, rows: 1))
    let style = Style(foreground: RGB(1, 2, 3), attributes: .dim)
    frame.write("\u{2500}\u{2500}\u{2501}\u{2578}\u{2508}\u{2508}", style, column: 0, row: 0, end: 6)
    let svg = FrameSVG(frame).text
    let rectangles = [(0, 8, 16, 1), (16, 7, 8, 3), (24, 7, 4, 3), (34, 8, 3, 1), (42, 8, 3, 1)]
    for (x, y, width, height) in rectangles {
      let rectangle = "x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" fill=\"#010203\" opacity=\".6\"/>"
      #expect(svg.contains(rectangle))
    }
    #expect(!svg.contains("<text "))
  }
}
