import DiffusionTUI
import Testing

@Suite("Widgets") struct WidgetTests {
  @Test(
    "numbers have the digits asked for",
    arguments: [
      (0.0, 5, "0.00000"), (-0.000001, 5, "0.00000"), (-1.5, 2, "-1.50"), (1234.56789, 4, "1234.5679"),
      (0.05, 1, "0.1"),
      (9.999, 2, "10.00"), (-.infinity, 3, "-inf"), (.nan, 3, "nan"), (3e20, 4, "3.000e20"), (7, 0, "7"),
    ])
  func fixed(value: Double, digits: Int, text: String) {
    #expect(NumberText.fixed(value, digits) == text)
  }

  @Test(
    "a small number that is not zero does not read as zero",
    arguments: [(0.0, "0.00000"), (0.36611, "0.36611"), (2.4279e-9, "2.428e-9"), (-4e-6, "-4.000e-6"), (1, "1.00000")])
  func small(value: Double, text: String) {
    #expect(NumberText.small(value, 5) == text)
  }

  @Test(
    "durations have units", arguments: [(0.0313, "31.3 ms"), (0.25, "250 ms"), (2.5, "2.50 s"), (120, "120 s")])
  func seconds(value: Double, text: String) {
    #expect(NumberText.seconds(value) == text)
  }

  @Test(
    "times that vary have about two digits",
    arguments: [
      (0.0004, "0.4 ms"), (0.0099, "9.9 ms"), (0.00996, "10 ms"), (0.0453, "45 ms"), (0.9994, "999 ms"),
      (0.9996, "1.0 s"), (2.46, "2.5 s"), (12.4, "12 s"),
    ])
  func roughSeconds(value: Double, text: String) {
    #expect(NumberText.roughSeconds(value) == text)
  }

  @Test("eta is as short as when it was typed", arguments: [("0", 0), ("1", 1), ("0.5", 0.5), ("0.1", Float(0.1))])
  func shortest(text: String, value: Float) {
    #expect(NumberText.shortest(Double(value)) == text)
  }

  @Test("rows go to the most important part first, then to gaps, then to growth") func stack() {
    let parts: [StackLayout.Part] = [
      .init(minimum: 3, maximum: 3, rank: 0), .init(minimum: 4, maximum: 9, rank: 2),
      .init(minimum: 1, maximum: 2, rank: 1),
    ]
    func rows(_ total: Int) -> [Int?] { StackLayout(parts, rows: total).places.map { $0?.rows } }
    #expect(rows(2) == [nil, nil, 2])
    #expect(rows(4) == [3, nil, 1])
    #expect(rows(8) == [3, 4, 1])
    #expect(rows(11) == [3, 5, 1])
    #expect(rows(30) == [3, 9, 2])
    #expect(StackLayout(parts, rows: 11).places.map { $0?.row } == [0, 4, 10])
  }

  @Test("text breaks between words, or inside one that is too long") func wrap() {
    #expect(TextWrap("one two three", columns: 7).lines == ["one two", "three"])
    #expect(TextWrap("abcdefgh ij", columns: 3).lines == ["abc", "def", "gh", "ij"])
    #expect(TextWrap("a", columns: 0).lines == ["a"])
  }

  @Test("a bar graph is accurate to an eighth of a cell") func graph() {
    var frame = Frame(size: Size(columns: 4, rows: 2))
    let look = Look(theme: .plain, capabilities: .init(colorTier: .trueColor, unicode: true))
    BarGraph(values: [0, 1, 9, 16], peak: 16) { _ in .graph }
      .draw(into: &frame, in: Rect(column: 0, row: 0, columns: 4, rows: 2), look: look)
    #expect(FrameText(frame).text == "  ▁█\n ▁██\n")
  }

  @Test(
    "a bar is a line, accurate to half a cell",
    arguments: [
      (0.0, true, "────\n"), (0.375, true, "━╸──\n"), (1, true, "━━━━\n"), (.nan, true, "────\n"),
      (0.5, false, "##..\n"),
    ])
  func bar(share: Double, unicode: Bool, text: String) {
    var frame = Frame(size: Size(columns: 4, rows: 1))
    let look = Look(theme: .plain, capabilities: .init(colorTier: .trueColor, unicode: unicode))
    HorizontalBar(share: share)
      .draw(into: &frame, in: Rect(column: 0, row: 0, columns: 4, rows: 1), look: look, track: true)
    #expect(FrameText(frame).text == text)
  }

  @Test("control characters stay off the screen, and wide characters take their columns") func width() {
    var frame = Frame(size: Size(columns: 9, rows: 1))
    frame.write("a\u{1B}\u{754C}\u{1F600}é", Style(), column: 0, row: 0, end: 9)
    #expect(FrameText(frame).text == "a\u{FFFD}\u{754C}\u{1F600}é\n")
  }

  @Test("Japanese breaks between characters, but keeps brackets and stops with their text") func wrapWide() {
    #expect(TextWrap("これは文です。", columns: 6).lines == ["これは", "文で", "す。"])
    #expect(TextWrap("run 7 の「種」から", columns: 10).lines == ["run 7 の", "「種」から"])
    #expect(TextWrap("モデル", columns: 1).lines == ["モ", "デ", "ル"])
    #expect(TextWrap("ab猫cd", columns: 4).lines == ["ab猫", "cd"])
    for columns in 8...30 {
      for line in TextWrap("二つの実行は同じ種（seed 7）から始まる。eta だけが違う。", columns: columns).lines {
        #expect(line.columns <= columns)
        #expect(!"。）".contains(line.first ?? " ") && line.last != "（")
      }
    }
  }
}
