import CNCurses
import DiffusionTUI
import Testing

@Suite("What a terminal sends") struct InputDecoderTests {
  private func events(_ codes: [(Int, Bool)], report: String? = nil) -> [TerminalEvent] {
    var decoder = InputDecoder()
    return codes.compactMap { code, isFunction in
      decoder.event(code: UInt32(code), isFunctionKey: isFunction, mouseReport: { report })
    }
  }

  private func letters(_ text: String) -> [(Int, Bool)] { text.unicodeScalars.map { (Int($0.value), false) } }

  @Test("a key code is a key") func key() {
    #expect(events([(113, false), (Int(KEY_BTAB), true)]) == [.key(.character("q")), .key(.backTab)])
    #expect(events([(Int(KEY_F0) + 12, true), (Int(KEY_F0) + 13, true)]) == [.key(.function(12))])
  }

  @Test("a mouse report is an event; a malformed one is not") func mouse() {
    let press = MouseEvent(.press, column: 4, row: 2, button: .left)
    #expect(events([(cnc_key_mouse, true)], report: "0;5;3M") == [.mouse(press)])
    #expect(events([(cnc_key_mouse, true)], report: "0;5") == [])
    #expect(events([(cnc_key_mouse, true), (113, false)]) == [.key(.character("q"))])
  }

  @Test("a paste is one event, whatever keys it contains") func paste() {
    let codes = [(cnc_key_paste_begin, true)] + letters("q4\t2\r") + [(Int(KEY_UP), true), (cnc_key_paste_end, true)]
    #expect(events(codes + letters("q")) == [.paste("q4\t2\n"), .key(.character("q"))])
    #expect(events([(cnc_key_paste_end, true)] + letters("q")) == [.key(.character("q"))])
  }

  @Test("Ctrl-C gets through a paste that never ends") func interrupted() {
    let codes = [(cnc_key_paste_begin, true)] + letters("abc") + [(3, false)] + letters("q")
    #expect(events(codes) == [.key(.control("c")), .key(.character("q"))])
  }

  @Test("the length of a paste is limited") func long() throws {
    let codes =
      [(cnc_key_paste_begin, true)] + letters(String(repeating: "x", count: 70_000)) + [(cnc_key_paste_end, true)]
    #expect(events(codes) == [.paste(String(repeating: "x", count: 65_536))])
  }

  /// Counting the paste anew for each letter would take 100 billion steps.
  @Test(
    "a paste of a megabyte takes time in proportion to its length, and Ctrl-C after it is seen", .timeLimit(.minutes(1))
  )
  func megabyte() {
    let codes = [(cnc_key_paste_begin, true)] + letters(String(repeating: "x", count: 1_000_000))
    #expect(events(codes + [(3, false)]) == [.key(.control("c"))])
    let ended = events(codes + [(cnc_key_paste_end, true), (3, false)])
    #expect(ended == [.paste(String(repeating: "x", count: 65_536)), .key(.control("c"))])
  }
}
