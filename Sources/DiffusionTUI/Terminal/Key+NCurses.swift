import CNCurses

extension Key {
  /// The key that ncurses reports by a number: one of its `KEY_` constants, or a Unicode scalar. Nil for those that mean
  /// nothing here.
  package init?(code: UInt32, isFunctionKey: Bool) {
    guard let key = isFunctionKey ? Self.functionKey(Int32(bitPattern: code)) : Self.character(code) else { return nil }
    self = key
  }

  private static func functionKey(_ code: Int32) -> Key? {
    switch code {
    case KEY_LEFT: .left
    case KEY_RIGHT: .right
    case KEY_UP: .up
    case KEY_DOWN: .down
    case KEY_HOME: .home
    case KEY_END: .end
    case KEY_PPAGE: .pageUp
    case KEY_NPAGE: .pageDown
    case KEY_ENTER: .enter
    case KEY_BACKSPACE: .backspace
    case KEY_DC: .delete
    case KEY_BTAB: .backTab
    case KEY_SLEFT: .shiftLeft
    case KEY_SRIGHT: .shiftRight
    // ncurses calls them scrolling, since some terminals' keys of those names did that.
    case KEY_SR: .shiftUp
    case KEY_SF: .shiftDown
    case KEY_F0 + 1...KEY_F0 + Int32(functionKeyCount): .function(Int(code - KEY_F0))
    default: nil
    }
  }

  private static func character(_ code: UInt32) -> Key? {
    switch code {
    case 9: return .tab
    case 10, 13: return .enter
    case 27: return .escape
    // Terminals differ in which of the two the backspace key sends.
    case 8, 127: return .backspace
    case 1...26: return Unicode.Scalar(code + 96).map { .control(Character($0)) }
    case 0..<32, 128..<160: return nil
    default: return Unicode.Scalar(code).map { .character(Character($0)) }
    }
  }
}
