/// Whether the terminal shows pixels through kitty's graphics protocol with Unicode placeholders, and the reason for
/// the choice. The terminal is never queried: a missing response would cause a wait, and a late one would be read as
/// keys.
public struct PixelGraphicsChoice: Sendable, Hashable {
  /// Whether images may be sent.
  public let isOn: Bool
  /// The reason, for the help screen: "TERM=xterm-kitty".
  public let reason: String

  /// Chooses whether to use pixel graphics. `--renderer kitty` turns them on. Otherwise the environment decides, as
  /// kitty and ghostty set it, but not inside tmux or GNU screen: they may have inherited it from another terminal, and
  /// forward images only if configured to.
  ///
  /// - Parameters:
  ///   - flag: The value of `--renderer`; nil if it was not given.
  ///   - environment: The environment of the process.
  public static func choose(flag: ImageRendererKind?, environment: [String: String]) -> PixelGraphicsChoice {
    func value(_ name: String) -> String { environment[name] ?? "" }
    if flag == .kitty { return PixelGraphicsChoice(isOn: true, reason: "--renderer kitty") }
    if !value("TMUX").isEmpty { return PixelGraphicsChoice(isOn: false, reason: "inside tmux") }
    let term = value("TERM")
    if term.hasPrefix("screen") { return PixelGraphicsChoice(isOn: false, reason: "TERM=\(term)") }
    if ["xterm-kitty", "xterm-ghostty"].contains(term) {
      return PixelGraphicsChoice(isOn: true, reason: "TERM=\(term)")
    }
    if !value("KITTY_WINDOW_ID").isEmpty { return PixelGraphicsChoice(isOn: true, reason: "KITTY_WINDOW_ID is set") }
    let program = value("TERM_PROGRAM")
    if program == "ghostty" { return PixelGraphicsChoice(isOn: true, reason: "TERM_PROGRAM=\(program)") }
    return PixelGraphicsChoice(isOn: false, reason: "neither kitty nor ghostty")
  }
}
