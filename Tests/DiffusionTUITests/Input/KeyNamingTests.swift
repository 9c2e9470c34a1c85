import DiffusionTUI
import Testing

@Suite("Names of keys") struct KeyNamingTests {
  @Test(
    "a name gives a key, and the key has that name",
    arguments: [
      ("space", Key.character(" ")), ("x", .character("x")), ("X", .character("X")), ("\u{E9}", .character("\u{E9}")),
      ("right", .right), ("pagedown", .pageDown), ("shift-tab", .backTab), ("f1", .function(1)), ("f12", .function(12)),
      ("ctrl-x", .control("x")), ("esc", .escape), ("delete", .delete),
    ]) func thereAndBack(name: String, key: Key)
  {
    #expect(Key(named: name) == key)
    #expect(key.name == name)
  }

  @Test("case matters only for a single character") func letterCase() {
    #expect(Key(named: "Ctrl-X") == .control("x"))
    #expect(Key(named: "F5") == .function(5))
    #expect(Key(named: "PageUp") == .pageUp)
  }

  @Test(
    "a terminal cannot tell these from other keys",
    arguments: [("ctrl-i", Key.tab), ("ctrl-m", .enter), ("ctrl-h", .backspace)])
  func aliases(name: String, key: Key) { #expect(Key(named: name) == key) }

  @Test(
    "these are not keys",
    arguments: ["", " ", "f0", "f13", "f01", "f+1", "ctrl-", "ctrl-5", "ctrl-xy", "shift-x", "rihgt"])
  func refused(name: String) { #expect(Key(named: name) == nil) }

  @Test("labels describe several keys in few words") func labels() {
    #expect(Key.label(of: []) == "no key")
    #expect(Key.label(of: [.right, .character("l")]) == "right l")
    #expect(Key.label(of: "1234".map { .character($0) }) == "1 to 4")
    #expect(Key.label(of: [.control("z"), .function(9), .backTab]) == "Ctrl-Z F9 Shift-Tab")
  }
}
