import DiffusionTUI
import Testing

@Suite("Mouse reports") struct MouseEventTests {
  @Test(
    "are parsed as xterm writes them",
    arguments: [
      ("0;1;1M", MouseEvent(.press, column: 0, row: 0, button: .left)),
      ("0;12;5m", MouseEvent(.release, column: 11, row: 4, button: .left)),
      ("1;3;3M", MouseEvent(.press, column: 2, row: 2, button: .middle)),
      ("2;300;200M", MouseEvent(.press, column: 299, row: 199, button: .right)),
      ("32;4;4M", MouseEvent(.drag, column: 3, row: 3, button: .left)),
      ("64;4;4M", MouseEvent(.wheelUp, column: 3, row: 3)), ("65;4;4M", MouseEvent(.wheelDown, column: 3, row: 3)),
      ("66;4;4M", MouseEvent(.wheelLeft, column: 3, row: 3)), ("67;4;4M", MouseEvent(.wheelRight, column: 3, row: 3)),
      ("20;4;4M", MouseEvent(.press, column: 3, row: 3, button: .left, modifiers: [.shift, .control])),
      ("73;4;4M", MouseEvent(.wheelDown, column: 3, row: 3, modifiers: .alt)),
    ]) func read(text: String, event: MouseEvent)
  {
    #expect(MouseEvent(sgr: text) == event)
  }

  @Test(
    "are ignored if they mean nothing",
    arguments: [
      "", "M", "0;1M", "0;1;1", "0;0;1M", "0;1;-1M", "x;1;1M", "3;1;1M", "35;1;1M", "128;1;1M", "64;1;1m", "0;1;1;1M",
    ])
  func refused(text: String) { #expect(MouseEvent(sgr: text) == nil) }
}
