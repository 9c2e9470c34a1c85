import FoundationEssentials

/// The bytes that ask a terminal to put a text on the clipboard (OSC 52), which reaches the person's own machine
/// through ssh.
///
/// Reference: XTerm Control Sequences, "Operating System Commands", Ps = 52.
package struct ClipboardSequence: Sendable, Equatable {
  /// The most bytes of UTF-8 that are sent. Terminals drop a sequence beyond 100,000 bytes, which base64 reaches at
  /// these.
  package static let limit = 74_994

  /// What to send.
  package let text: String

  /// Encodes a text; nil if it is too long.
  ///
  /// - Parameter insideTmux: Whether tmux is between. It takes the sequence itself where `set-clipboard` is `on`, and
  ///   hands one in an envelope on where `allow-passthrough` is; which of the two it does cannot be asked, so it is
  ///   sent both.
  package init?(_ copied: String, insideTmux: Bool) {
    let bytes = Array(copied.utf8)
    guard bytes.count <= Self.limit else { return nil }
    let sequence = "\u{1B}]52;c;\(Data(bytes).base64EncodedString())\u{07}"
    text = insideTmux ? sequence + Self.passedThroughTmux(sequence) : sequence
  }

  /// A sequence in tmux's envelope, in which every escape is doubled.
  package static func passedThroughTmux(_ sequence: String) -> String {
    let doubled = sequence.map { $0 == "\u{1B}" ? "\u{1B}\u{1B}" : String($0) }.joined()
    return "\u{1B}Ptmux;\(doubled)\u{1B}\\"
  }
}
