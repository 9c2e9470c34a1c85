/// Whether the terminal shows pixels by kitty's graphics protocol with Unicode placeholders, and what decided it. The
/// terminal is never asked, since an answer that does not come would be waited for, and one that comes late be read as
/// keys.
public struct PixelGraphicsChoice: Sendable, Hashable {
  /// Whether images may be sent.
  public let isOn: Bool
  /// What decided it, for the help screen: "TERM=xterm-kitty".
  public let reason: String

  /// Chooses. `--renderer kitty` decides for it. Else the environment does, as kitty and ghostty set it; but not inside
  /// of tmux or GNU screen, which may have inherited it from another terminal, and pass images on only if told to.
  ///
  /// - Parameters:
  ///   - flag: What `--renderer` says; nil where it was not given.
  ///   - environment: The process's environment.
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
