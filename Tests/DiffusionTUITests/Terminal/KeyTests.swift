import CNCurses
import DiffusionTUI
import Testing

@Suite struct KeyTests {
  @Test(arguments: [
    (KEY_LEFT, Key.left), (KEY_RIGHT, .right), (KEY_UP, .up), (KEY_DOWN, .down), (KEY_HOME, .home), (KEY_END, .end),
    (KEY_PPAGE, .pageUp), (KEY_NPAGE, .pageDown), (KEY_ENTER, .enter), (KEY_BACKSPACE, .backspace), (KEY_DC, .delete),
  ]) func readsFunctionKeys(code: Int32, key: Key) {
    #expect(Key(code: UInt32(code), isFunctionKey: true) == key)
  }

  @Test(
    arguments: [
      (32, Key.character(" ")), (113, .character("q")), (233, .character("\u{E9}")), (0x1F600, .character("\u{1F600}")),
      (9, .tab), (10, .enter), (13, .enter), (27, .escape), (8, .backspace), (127, .backspace), (3, .control("c")),
      (26, .control("z")),
    ] as [(UInt32, Key)]) func readsCharacters(code: UInt32, key: Key)
  {
    #expect(Key(code: code, isFunctionKey: false) == key)
  }

  @Test(
    arguments: [(0, false), (28, false), (0x85, false), (0xD800, false), (0x110000, false), (0x1FF, true)]
      as [(
        UInt32, Bool
      )]) func passesOverTheRest(code: UInt32, isFunctionKey: Bool)
  {
    #expect(Key(code: code, isFunctionKey: isFunctionKey) == nil)
  }
}
