import DiffusionTUI
import Testing

@Suite("What the mouse hits") struct HitMapTests {
  private static let map: HitMap = {
    var map = HitMap()
    map.add(.pane(0), at: Rect(column: 0, row: 1, columns: 20, rows: 10))
    map.add(.pane(1), at: Rect(column: 20, row: 1, columns: 20, rows: 10))
    map.add(.timeline(steps: 50), at: Rect(column: 3, row: 12, columns: 101, rows: 1))
    map.add(.pane(2), at: Rect(column: 0, row: 0, columns: 0, rows: 5))
    return map
  }()

  private func press(_ column: Int, _ row: Int) -> HitMap.Hit? {
    Self.map.hit(by: MouseEvent(.press, column: column, row: row, button: .left))
  }

  @Test("a click focuses the pane under it") func panes() {
    #expect(press(0, 1) == .focus(pane: 0))
    #expect(press(19, 10) == .focus(pane: 0))
    #expect(press(20, 5) == .focus(pane: 1))
    #expect(press(20, 11) == nil)
    #expect(press(40, 5) == nil)
  }

  @Test("a click on the timeline goes to the nearest step") func timeline() {
    #expect(press(3, 12) == .scrub(to: 0))
    #expect(press(5, 12) == .scrub(to: 1))
    #expect(press(103, 12) == .scrub(to: 50))
    #expect(press(53, 12) == .scrub(to: 25))
    #expect(press(2, 12) == nil)
  }

  @Test("a click on a step's own column goes to that step", arguments: [4, 7, 33, 100]) func exact(steps: Int) {
    var map = HitMap()
    map.add(.timeline(steps: steps), at: Rect(column: 0, row: 0, columns: 101, rows: 1))
    for step in 0...steps {
      // Where the timeline draws its cursor.
      let column = step * 100 / steps
      #expect(map.hit(by: MouseEvent(.press, column: column, row: 0, button: .left)) == .scrub(to: step))
    }
  }

  @Test("a drag continues while the button is held, whatever is under it") func drag() {
    let region = Self.map.region(column: 50, row: 12)
    func drag(_ column: Int, _ row: Int, _ grabbed: HitMap.Region?) -> HitMap.Hit? {
      Self.map.hit(by: MouseEvent(.drag, column: column, row: row, button: .left), grabbed: grabbed)
    }
    #expect(drag(53, 3, region) == .scrub(to: 25))
    #expect(drag(500, 0, region) == .scrub(to: 50))
    #expect(drag(-4, 0, region) == .scrub(to: 0))
    #expect(drag(53, 12, Self.map.region(column: 1, row: 2)) == nil)
    #expect(drag(53, 12, nil) == nil)
  }

  @Test("the wheel steps in the pane under it") func wheel() {
    #expect(Self.map.hit(by: MouseEvent(.wheelDown, column: 25, row: 5)) == .wheel(steps: 1, pane: 1))
    #expect(Self.map.hit(by: MouseEvent(.wheelUp, column: 50, row: 12)) == .wheel(steps: -1, pane: nil))
  }

  @Test("releases and other buttons do nothing") func others() {
    for button in [MouseEvent.Button.middle, .right] {
      #expect(Self.map.hit(by: MouseEvent(.press, column: 1, row: 2, button: button)) == nil)
    }
    #expect(Self.map.hit(by: MouseEvent(.release, column: 1, row: 2, button: .left)) == nil)
  }

  @Test("whatever is drawn later is on top") func overlap() {
    var map = Self.map
    map.add(.pane(7), at: Rect(column: 5, row: 5, columns: 2, rows: 2))
    #expect(map.hit(by: MouseEvent(.press, column: 5, row: 5, button: .left)) == .focus(pane: 7))
  }
}
