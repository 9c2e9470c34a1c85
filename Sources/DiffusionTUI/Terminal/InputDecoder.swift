import CNCurses

/// Makes events of what ncurses reads, of which a paste and a mouse report take several. A value of the terminal's.
package struct InputDecoder {
  /// What has been pasted so far; nil while nothing is.
  private var pasted: String?
  /// A paste beyond this many characters is cut: nothing here takes longer texts.
  private static let longestPaste = 65_536

  /// Makes one that waits for the first event.
  package init() {}

  /// What a code means together with those before it.
  ///
  /// - Parameters:
  ///   - code: One of the `KEY_` constants, one of `cnc_key_`, or a Unicode scalar.
  ///   - isFunctionKey: Whether it is no scalar.
  ///   - mouseReport: Reads what follows the beginning of a mouse report.
  /// - Returns: Nil where nothing is complete.
  package mutating func event(
    code: UInt32, isFunctionKey: Bool, mouseReport: () -> String?
  ) -> TerminalEvent? {
    if isFunctionKey {
      switch Int(code) {
      case cnc_key_mouse: return mouseReport().flatMap(MouseEvent.init(sgr:)).map { .mouse($0) }
      case cnc_key_paste_begin:
        pasted = ""
        return nil
      case cnc_key_paste_end:
        defer { pasted = nil }
        return pasted.map { .paste($0) }
      default: break
      }
    }
    guard let key = Key(code: code, isFunctionKey: isFunctionKey) else { return nil }
    guard pasted != nil else { return .key(key) }
    // Whatever a terminal forgets to send, Ctrl-C is never swallowed.
    guard key != .control("c") else {
      pasted = nil
      return .key(key)
    }
    append(key)
    return nil
  }

  private mutating func append(_ key: Key) {
    guard let count = pasted?.count, count < Self.longestPaste else { return }
    switch key {
    case .character(let character): pasted?.append(character)
    case .tab: pasted?.append("\t")
    case .enter: pasted?.append("\n")
    default: break
    }
  }
}

extension Key {
  /// The key that ncurses reports by a number: one of its `KEY_` constants, or a Unicode scalar. Nil for those that
  /// mean nothing here.
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
