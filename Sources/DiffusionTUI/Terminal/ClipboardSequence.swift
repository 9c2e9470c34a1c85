import FoundationEssentials

/// The bytes that ask a terminal to put text on the clipboard (OSC 52), which reaches the user's own machine through
/// ssh.
///
/// Reference: XTerm Control Sequences, "Operating System Commands", Ps = 52.
package struct ClipboardSequence: Sendable, Equatable {
  /// The maximum number of bytes of UTF-8. Terminals drop a sequence of more than 100,000 bytes, which is the length of
  /// these in base64.
  package static let limit = 74_994

  /// The bytes to send.
  package let text: String

  /// Encodes text; nil if it is too long.
  ///
  /// - Parameter insideTmux: Whether the program runs inside tmux, which handles the sequence itself if `set-clipboard`
  ///   is `on`, and forwards a wrapped one if `allow-passthrough` is on. There is no way to ask which, so both are
  ///   sent.
  package init?(_ copied: String, insideTmux: Bool) {
    let bytes = Array(copied.utf8)
    guard bytes.count <= Self.limit else { return nil }
    let sequence = "\u{1B}]52;c;\(Data(bytes).base64EncodedString())\u{07}"
    text = insideTmux ? sequence + Self.passedThroughTmux(sequence) : sequence
  }

  /// Wraps a sequence for tmux to pass through, with every escape doubled.
  package static func passedThroughTmux(_ sequence: String) -> String {
    let doubled = sequence.map { $0 == "\u{1B}" ? "\u{1B}\u{1B}" : String($0) }.joined()
    return "\u{1B}Ptmux;\(doubled)\u{1B}\\"
  }
}
