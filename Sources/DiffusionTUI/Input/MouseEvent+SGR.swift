extension MouseEvent {
  /// Reads what a terminal reports in mode 1006, after `CSI <`: `button;column;row` and `M` for a press, `m` for a release.
  /// Nil for anything else, and for what means nothing here (motion without a button, buttons beyond the third).
  ///
  /// Reference: XTerm Control Sequences, "Mouse Tracking": the button's low bits, 4 for Shift, 8 for Meta, 16 for Ctrl, 32 for
  /// motion, 64 for the wheel.
  package init?(sgr text: String) {
    guard let last = text.last, last == "M" || last == "m" else { return nil }
    let fields = text.dropLast().split(separator: ";", omittingEmptySubsequences: false).map { Int($0) }
    guard fields.count == 3, let code = fields[0], let column = fields[1], let row = fields[2], code >= 0, column > 0,
      row > 0
    else { return nil }
    var modifiers: Modifiers = []
    for (bit, modifier) in [(4, Modifiers.shift), (8, .alt), (16, .control)] where code & bit != 0 {
      modifiers.insert(modifier)
    }
    guard code < 128, let (kind, button) = Self.meaning(of: code, isPress: last == "M") else { return nil }
    self.init(kind, column: column - 1, row: row - 1, button: button, modifiers: modifiers)
  }

  private static func meaning(of code: Int, isPress: Bool) -> (Kind, Button)? {
    let low = code & 3
    if code & 64 != 0 {
      return isPress ? ([.wheelUp, .wheelDown, .wheelLeft, .wheelRight][low], .none) : nil
    }
    guard low < 3 else { return nil }
    let button: Button = [.left, .middle, .right][low]
    if code & 32 != 0 { return (.drag, button) }
    return (isPress ? .press : .release, button)
  }
}
