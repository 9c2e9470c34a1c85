import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Difference pictures") struct DifferenceTests {
  private func picture(
    _ scalars: [Float], channels: Int = 1, width: Int, scale: DifferenceScale = .init()
  ) throws -> DifferencePicture {
    let tensor = try Tensor<Float>(
      shape: [1, channels, scalars.count / channels / width, width], scalars: scalars)
    return try #require(DifferencePicture(of: tensor, scale: scale))
  }

  @Test("scales go from 1 down to 1e-7") func scales() {
    #expect(DifferenceScale.allCases.map(\.label) == ["1", "0.1", "1e-2", "1e-3", "1e-4", "1e-5", "1e-6", "1e-7"])
    for scale in DifferenceScale.allCases { #expect(Double(scale.label) == scale.limit) }
    #expect(DifferenceScale().coarser == DifferenceScale())
    #expect(DifferenceScale().finer.label == "0.1")
    #expect(DifferenceScale(exponent: -7).finer == DifferenceScale(exponent: -7))
  }

  @Test("zero is lightest; both arms darken equally, one towards blue and the other towards red")
  func map() {
    let map = DivergingColorMap(tier: .trueColor)
    let shares = (0...20).map { Double($0) / 20 }
    for (low, high) in zip(shares, shares.dropFirst()) {
      #expect(map.color(high).luma < map.color(low).luma)
      #expect(map.color(-high).luma < map.color(-low).luma)
    }
    for share in shares.dropFirst() {
      let (below, above) = (map.color(-share), map.color(share))
      #expect(below.blue > below.red && above.red > above.blue)
      #expect(abs(below.luma - above.luma) < 30_000)
    }
    #expect(map.color(0) == map.color(-0.0))
    #expect(map.color(-9) == map.color(-1) && map.color(.infinity) == map.color(1))
  }

  @Test("each tier tells the arms apart, and from zero", arguments: ColorTier.allCases.filter { $0 > .mono })
  func tiers(tier: ColorTier) {
    let map = DivergingColorMap(tier: tier)
    let shown = [-1, -0.3, 0, 0.3, 1].map { ColorPalette.quantized(map.color($0), tier) }
    #expect(Set([shown[0], shown[2], shown[4]]).count == 3)
    #expect(shown[1] != shown[3] && shown[1] != shown[2] && shown[3] != shown[2])
  }

  @Test("without colours, differences are signs and tenths")
  func signs() throws {
    let values: [Float] = [0, 0.05, -0.05, 0.1, -0.95, 1, -7, .nan]
    let picture = try picture(values, width: 8)
    let look = Look(theme: .plain, capabilities: .init(colorTier: .mono, unicode: false))
    var frame = Frame(size: Size(columns: 16, rows: 1))
    let scale = DifferenceView(picture: picture).draw(
      into: &frame, in: Rect(column: 0, row: 0, columns: 16, rows: 1), renderer: .halfBlock, look: look)
    #expect(scale?.label == "1x")
    #expect(FrameText(frame).text == "  +.-.+1-9+#-#NN\n")
  }

  @Test("differences on both sides of zero do not blend into none")
  func noBlending() throws {
    let values = (0..<16).flatMap { row in (0..<16).map { Float((row + $0) % 2 == 0 ? 1 : -1) } }
    let picture = try picture(values, width: 16)
    for size in [Size(columns: 11, rows: 6), Size(columns: 9, rows: 5)] {
      var frame = Frame(size: size)
      let scale = DifferenceView(picture: picture, fit: .filling).draw(
        into: &frame, in: Rect(column: 0, row: 0, columns: size.columns, rows: size.rows), renderer: .halfBlock,
        look: Pictures.look)
      try #require(scale?.isWhole == false)
      let map = DivergingColorMap(tier: .trueColor), ends = [map.color(1), map.color(-1)]
      let cells = (0..<size.rows).flatMap { row in (0..<size.columns).map { frame[$0, row] } }
      let drawn = cells.filter { $0.character == "\u{2580}" }
      #expect(!drawn.isEmpty && drawn.allSatisfy { $0.style.foreground.map(ends.contains) == true })
    }
  }

  @Test("a pixel shows the channel that differs most, with NaN above all")
  func channels() throws {
    let picture = try picture(
      [0.1, 0, 0.5, -0.4, 0, .nan, 0.2, 0, 0], channels: 3, width: 3, scale: .init(exponent: -1))
    #expect(picture.values[0] == -0.4 && picture.values[1] == 0 && picture.values[2].isNaN)
    #expect(picture.share(0, 0) == Double(Float(-0.4)) / 0.1)
    let colors = picture.picture(tier: .trueColor)
    #expect(colors[1, 0] == DivergingColorMap(tier: .trueColor).color(0))
    #expect(colors.mark(column: 2, row: 0) == .notANumber && colors.mark(column: 0, row: 0) == .none)
  }

  @Test("the scale is shown below, in colours or in words", arguments: [(40, 6), (20, 3), (8, 4)])
  func legend(columns: Int, rows: Int) throws {
    let picture = try picture([0, 1, -1, 0.5], width: 2, scale: DifferenceScale(exponent: -3))
    var frame = Frame(size: Size(columns: columns, rows: rows))
    DifferenceView(picture: picture).draw(
      into: &frame, in: Rect(column: 0, row: 0, columns: columns, rows: rows), renderer: .halfBlock, look: Pictures.look
    )
    let last = FrameText(frame).text.split(separator: "\n", omittingEmptySubsequences: false)[rows - 1]
    #expect(last.contains("1e-3"))
    if columns >= 20 { #expect(last.contains("-1e-3") && last.contains("+1e-3")) }
    #expect(DifferenceLegend(scale: picture.scale).text(tier: .mono).contains("tenths of 1e-3"))
  }
}
