import DiffusionTUI
import Testing

@Suite struct FrameDiffTests {
  private let size = Size(columns: 3, rows: 2)

  @Test func nothingDiffersBetweenEqualFrames() {
    #expect(FrameDiff(from: Frame(size: size), to: Frame(size: size), within: size).places.isEmpty)
  }

  @Test func findsCharactersAndStyles() {
    var next = Frame(size: size)
    next[2, 0] = Cell("a")
    next[0, 1] = Cell(" ", Style(background: RGB(1, 2, 3)))
    let diff = FrameDiff(from: Frame(size: size), to: next, within: size)
    #expect(diff.places == [.init(column: 2, row: 0), .init(column: 0, row: 1)])
  }

  @Test func everythingDiffersAtFirstAndAtANewSize() {
    let frame = Frame(size: size)
    #expect(FrameDiff(from: nil, to: frame, within: size).places.count == 6)
    let other = Frame(size: Size(columns: 2, rows: 3))
    #expect(FrameDiff(from: other, to: frame, within: size).places.count == 6)
  }

  @Test func staysOnAScreenThatHasShrunk() {
    let diff = FrameDiff(from: nil, to: Frame(size: size), within: Size(columns: 1, rows: 1))
    #expect(diff.places == [.init(column: 0, row: 0)])
  }
}
