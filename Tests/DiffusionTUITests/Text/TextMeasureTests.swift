import DiffusionTUI
import Testing

@Suite("Text width") struct TextMeasureTests {
  /// Widths the C library has had since Unicode 9.
  @Test(
    "follows the C library and what all terminals agree on",
    arguments: [
      ("", 0), ("model", 5), ("モデル", 6), ("ﾓﾃﾞﾙ", 4), ("模型 32", 7), ("모델", 4), ("\u{1112}\u{1161}\u{11AB}", 2),
      ("نموذج", 5), ("מודל", 4), ("модель", 6), ("e\u{301}", 1), ("\u{915}\u{93E}", 2), ("Ａ", 2), ("　", 2),
      ("\u{1F60E}", 2), ("\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}", 6), ("\u{2764}\u{FE0F}", 1), ("⌚\u{FE0E}", 2),
      ("\u{1F1EF}\u{1F1F5}", 2), ("\u{1F44D}\u{1F3FD}", 2), ("1\u{FE0F}\u{20E3}", 1), ("─█⣿", 3),
    ])
  func columns(text: String, columns: Int) {
    #expect(text.columns == columns)
    var frame = Frame(size: Size(columns: 20, rows: 1))
    #expect(frame.write(text, Style(), column: 3, row: 0, end: 20) == 3 + columns)
  }

  @Test(
    "a glyph is a base and its marks; joiners, skin tones and variation selectors are left out",
    arguments: [
      ("e\u{301}\u{323}", ["e\u{301}\u{323}"]), ("\u{301}", ["\u{25CC}\u{301}"]), ("\u{200D}", []), ("\u{FE0F}", []),
      ("\u{1F468}\u{200D}\u{1F467}", ["\u{1F468}", "\u{1F467}"]), ("\u{1F44D}\u{1F3FD}", ["\u{1F44D}"]),
      ("\u{1F3FD}", ["\u{1F3FD}"]), ("\u{2764}\u{FE0F}", ["\u{2764}"]), ("\u{1B}", ["\u{FFFD}"]),
      ("\r\n", ["\u{FFFD}", "\u{FFFD}"]), ("\u{202E}", ["\u{FFFD}"]), ("\u{85}", ["\u{FFFD}"]),
      ("\u{10EEEE}", ["\u{FFFD}"]), ("\u{7F}", ["\u{FFFD}"]),
      (
        "a\u{300}\u{301}\u{302}\u{303}\u{304}",
        ["a\u{300}\u{301}\u{302}\u{303}"]
      ),
    ])
  func glyphs(text: String, glyphs: [String]) {
    #expect(text.flatMap(TextMeasure.system.glyphs).map { String($0.character) } == glyphs)
  }

  @Test("any width table can be used; characters missing from it become question marks") func table() {
    let measure = TextMeasure { ["x": 2, "\u{301}": 0, "é": 1][$0] ?? -1 }
    #expect(measure.columns(of: "é\u{301}") == 1)
    #expect(measure.columns(of: "é界") == 2)
    #expect(measure.glyphs(of: "界").map(\.character) == ["?"])
    // Printable ASCII takes one column whatever the table says.
    #expect(measure.columns(of: "x") == 1)
  }

  private static let texts = [
    "ddpm-emoji-32", "モデル/猫32", "a界b界c", "نموذج", "e\u{301}e\u{301}界", "\u{1F468}\u{200D}\u{1F467}!\u{1F1EF}\u{1F1F5}",
  ]

  @Test("text is cut between characters, and no sooner than necessary", arguments: texts) func cuts(text: String) {
    for columns in 0...text.columns + 2 {
      let start = text.prefix(columns: columns), end = text.suffix(columns: columns)
      #expect(start.columns <= columns && text.hasPrefix(start))
      #expect(end.columns <= columns && text.hasSuffix(end))
      let next = text.prefix(start.count + 1), previous = text.suffix(end.count + 1)
      #expect(next.columns > columns || start == text)
      #expect(previous.columns > columns || end == text)
      var frame = Frame(size: Size(columns: text.columns + 3, rows: 1))
      frame.write(text, Style(), column: 0, row: 0, end: columns)
      var whole = Frame(size: frame.size)
      whole.write(start, Style(), column: 0, row: 0, end: frame.size.columns)
      #expect(frame == whole)
    }
  }

  @Test("no scalar breaks a row: it takes as many cells as measured, all printable")
  func everyScalar() {
    for value in stride(from: UInt32(0), through: 0x10FFFF, by: 1) where value < 0x3000 || value % 61 == 0 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      var frame = Frame(size: Size(columns: 6, rows: 1))
      let end = frame.write("a\(String(scalar))b", Style(), column: 0, row: 0, end: 6)
      #expect(end == "a\(String(scalar))b".columns)
      let isSound = frame.cells.allSatisfy { $0.character.unicodeScalars.allSatisfy(\.isPrintable) }
      #expect(isSound, "U+\(String(value, radix: 16))")
    }
  }
}

@Suite("Wide characters in a frame") struct WideCellTests {
  private func frame(_ text: String, columns: Int = 8, at column: Int = 0) -> Frame {
    var frame = Frame(size: Size(columns: columns, rows: 1))
    frame.write(text, Style(), column: column, row: 0, end: columns)
    return frame
  }

  /// What is wrong with the halves in a frame; nil if nothing is.
  static func broken(_ frame: Frame) -> String? { StateInvariants.brokenHalves(of: frame) }

  @Test("take two cells with one character and one style") func halves() {
    let frame = frame("a界b")
    #expect(frame.cells.map(\.part) == [.whole, .leftHalf, .rightHalf] + Array(repeating: .whole, count: 5))
    #expect(frame[1, 0].character == "界" && frame[2, 0].character == "界")
    #expect(FrameText(frame).text == "a界b\n")
    #expect(FrameANSI(frame, tier: .mono).text == "\u{1B}[0ma界b    \u{1B}[0m\n")
  }

  @Test("lose both halves when one is overwritten", arguments: [1, 2]) func overwritten(column: Int) {
    var frame = frame("a界b")
    frame[column, 0] = Cell("x")
    #expect(FrameText(frame).text == (column == 1 ? "ax b\n" : "a xb\n"))
    #expect(Self.broken(frame) == nil)
  }

  @Test("are not drawn if there is room for only a half") func edge() {
    #expect(FrameText(frame("abc界", columns: 4)).text == "abc\n")
    #expect(FrameText(frame("界", columns: 2, at: 1)).text == "\n")
    var narrow = Frame(size: Size(columns: 1, rows: 1))
    narrow[0, 0] = frame("界")[0, 0]
    #expect(narrow.cells == [Cell(" ")])
    #expect(Frame(size: Size(columns: 3, rows: 1), filling: frame("界")[0, 0]) == Frame(size: Size(columns: 3, rows: 1)))
  }

  @Test("are right-aligned and centred by columns") func aligned() {
    var frame = Frame(size: Size(columns: 9, rows: 2))
    frame.write("界x", Style(), endingAt: 9, row: 0, start: 0)
    frame.writeCentered("界x", Style(), in: Rect(column: 0, row: 1, columns: 9, rows: 1), row: 1)
    #expect(FrameText(frame).text == "      界x\n   界x\n")
  }

  @Test("change the style of both halves through either", arguments: [1, 2]) func style(column: Int) {
    var frame = frame("a界b")
    let style = Style(foreground: RGB(1, 2, 3))
    frame[column, 0].style = style
    #expect(frame[1, 0].style == style && frame[2, 0].style == style && frame[1, 0].character == "界")
  }

  @Test("become question marks on a terminal without them") func ascii() {
    #expect(FrameText(frame("é界!").inASCII).text == "???!\n")
  }

  @Test("keep both halves whatever is written where") func fuzz() {
    var random = SplitMix(state: 11)
    let texts = ["界", "a", "モデル", "e\u{301}", "\u{1F468}\u{200D}\u{1F467}", "x界", "\u{1B}[31m", ""]
    var frame = Frame(size: Size(columns: 9, rows: 3))
    for _ in 0..<5_000 {
      let column = random.next(below: 12) - 2, row = random.next(below: 4)
      switch random.next(below: 5) {
      case 0: frame[column, row] = frame[random.next(below: 9), random.next(below: 3)]
      case 1: frame[column, row].style = Style(foreground: RGB(UInt8(random.next(below: 9)), 0, 0))
      case 2: frame.fill(Rect(column: column, row: row, columns: 2, rows: 2), Cell("#"))
      case 3:
        var part = Frame(size: Size(columns: 1 + random.next(below: 8), rows: 2))
        part.write(texts[random.next(below: texts.count)], Style(), column: 0, row: 0, end: 8)
        frame.copy(part)
      default:
        frame.write(texts[random.next(below: texts.count)], Style(), column: column, row: row, end: 9)
      }
      #expect(Self.broken(frame) == nil)
    }
  }

  @Test("take two cells in SVG, in runs apart from narrow ones") func svg() {
    let svg = FrameSVG(frame("ab界猫c")).text
    #expect(svg.contains("<text x=\"0\" y=\"12\" textLength=\"16\" lengthAdjust=\"spacingAndGlyphs\""))
    #expect(svg.contains("<text x=\"16\" y=\"12\" textLength=\"32\" lengthAdjust=\"spacingAndGlyphs\""))
    #expect(svg.contains(">界猫</text>"))
    #expect(svg.contains("<text x=\"48\" y=\"12\" textLength=\"8\""))
    let hostile = FrameSVG(frame("\u{1B}<\u{202E}"), title: "a\u{9B}\n").text
    #expect(hostile.unicodeScalars.allSatisfy { $0.isPrintable || $0 == "\n" })
    #expect(hostile.contains("<title>a\u{FFFD}\u{FFFD}</title>"))
  }
}

@Suite("Printed text") struct PrintedTextTests {
  private static let hostile = "\u{1B}]0;x\u{7}\u{9B}31m\u{202E}\r\n\u{2028}\u{200F}\u{7F}\u{10EEEE}"

  @Test("literals are kept; interpolated values become one line") func interpolation() {
    let name = "モデル\u{1B}[2J\n"
    let text: PrintedText = "\rwrote \(name) \(3)\n\u{1B}[K"
    #expect(text.text == "\rwrote モデル\u{FFFD}[2J\u{FFFD} 3\n\u{1B}[K")
    #expect(("\(text)!" as PrintedText).text == text.text + "!")
    #expect(["a", "b"].joined(separator: ", " as PrintedText).text == "a, b")
  }

  @Test("lines keep line feeds but no other controls") func lines() {
    #expect(PrintedText(lines: "a\u{1B}\nb\t\u{85}\r\n").text == "a\u{FFFD}\nb\u{FFFD}\u{FFFD}\u{FFFD}\n")
    #expect(PrintedText(line: Self.hostile).text.unicodeScalars.allSatisfy { $0.isPrintable })
  }

  @Test("letters of all scripts are kept, and the joiners that some need")
  func letters() {
    for text in [
      "نموذج", "می\u{200C}خواهم", "クルミ", "\u{1F468}\u{200D}\u{1F467}", "é", "\u{915}\u{94D}\u{200D}", "\u{A0}　",
    ] {
      #expect(PrintedText(line: text).text == text)
    }
  }

  @Test("JSON escapes what cannot be printed") func json() throws {
    let encoded = PrintedText(json: "[\"\(Self.hostile.filter { $0 > "\u{7E}" && $0 != "\r\n" })\"]\n")
    #expect(encoded.text == "[\"\\u009b\\u202e\\u2028\\u200f\\u007f\\udbfb\\udeee\"]\n")
  }

  @Test("without Unicode each column becomes a question mark") func ascii() {
    #expect(PrintedText(line: "a界é.").ascii == "a???.")
  }
}
