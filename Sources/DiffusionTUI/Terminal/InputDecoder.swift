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
