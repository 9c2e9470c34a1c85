import CNCurses

/// Turns codes from ncurses into events; a paste or a mouse report takes several codes.
package struct InputDecoder {
  /// The text pasted so far; nil outside a paste.
  private var pasted: String?
  /// Its number of characters. Counting them anew for each one would take quadratic time.
  private var pastedCount = 0
  /// The maximum number of characters of a paste; the rest is cut. Nothing here takes longer text.
  package static let longestPaste = 65_536

  /// Creates a decoder that waits for its first code.
  package init() {}

  /// The event that a code completes, together with those before it.
  ///
  /// - Parameters:
  ///   - code: A `KEY_` constant, a `cnc_key_` constant, or a Unicode scalar.
  ///   - isFunctionKey: Whether the code is a key constant rather than a scalar.
  ///   - mouseReport: Reads the rest of a mouse report.
  /// - Returns: The event; nil if it is incomplete.
  package mutating func event(
    code: UInt32, isFunctionKey: Bool, mouseReport: () -> String?
  ) -> TerminalEvent? {
    if isFunctionKey {
      switch Int(code) {
      case cnc_key_mouse: return mouseReport().flatMap(MouseEvent.init(sgr:)).map { .mouse($0) }
      case cnc_key_paste_begin:
        (pasted, pastedCount) = ("", 0)
        return nil
      case cnc_key_paste_end:
        defer { pasted = nil }
        return pasted.map { .paste($0) }
      default: break
      }
    }
    guard let key = Key(code: code, isFunctionKey: isFunctionKey) else { return nil }
    guard pasted != nil else { return .key(key) }
    // Ctrl-C is never swallowed, even if a terminal fails to end the paste.
    guard key != .control("c") else {
      pasted = nil
      return .key(key)
    }
    append(key)
    return nil
  }

  private mutating func append(_ key: Key) {
    guard pastedCount < Self.longestPaste else { return }
    pastedCount += 1
    switch key {
    case .character(let character): pasted?.append(character)
    case .tab: pasted?.append("\t")
    case .enter: pasted?.append("\n")
    default: break
    }
  }
}

extension Key {
  /// Creates a key from the number that ncurses reports: a `KEY_` constant or a Unicode scalar. Nil for keys that are
  /// not used here.
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
    // ncurses calls these scroll keys, since that is what they did on some terminals.
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
    // Terminals differ in which of the two the Backspace key sends.
    case 8, 127: return .backspace
    case 1...26: return Unicode.Scalar(code + 96).map { .control(Character($0)) }
    case 0..<32, 128..<160: return nil
    default: return Unicode.Scalar(code).map { .character(Character($0)) }
    }
  }
}
