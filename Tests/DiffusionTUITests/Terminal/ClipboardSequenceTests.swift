import DiffusionTUI
import Testing

@Suite("The clipboard") struct ClipboardSequenceTests {
  @Test("takes base64 in OSC 52", arguments: [("", ""), ("f", "Zg=="), ("foobar", "Zm9vYmFy"), ("\u{E9}\n", "w6kK")])
  func encodes(text: String, base64: String) {
    #expect(ClipboardSequence(text, insideTmux: false)?.text == "\u{1B}]52;c;\(base64)\u{07}")
  }

  @Test("passes through tmux with every escape doubled") func tmux() {
    let plain = "\u{1B}]52;c;Zg==\u{07}"
    #expect(ClipboardSequence("f", insideTmux: true)?.text == plain + "\u{1B}Ptmux;\u{1B}" + plain + "\u{1B}\\")
  }

  @Test("refuses text that terminals would drop") func limit() {
    #expect(ClipboardSequence(String(repeating: "x", count: 74_994), insideTmux: false)?.text.utf8.count == 100_000)
    #expect(ClipboardSequence(String(repeating: "x", count: 74_995), insideTmux: false) == nil)
  }
}
