import CNCurses
import Glibc

/// Facts about the terminal that are known without opening its screen, for `doctor`.
package struct TerminalSurvey: Sendable, Equatable {
  /// `TERM`; nil if it is not set.
  package var term: String?
  /// Whether terminfo has an entry with that name.
  package var isKnown: Bool
  /// Whether standard input is a terminal.
  package var inputIsTerminal: Bool
  /// Whether standard output is a terminal.
  package var outputIsTerminal: Bool
  /// The size; nil if there is no terminal.
  package var size: Size?
  /// The locale that decides the character encoding: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set.
  package var locale: String?
  /// Whether the characters are UTF-8, of the locale or of C.UTF-8 in place of one that is not installed.
  package var unicode: Bool
  /// Whether the system has that locale: ssh passes on names of locales that are installed only on the other machine.
  package var isLocaleInstalled: Bool
  /// The number of colours that would be used, and why.
  package var color: ColorChoice
  /// Whether pixel graphics would be used, and why.
  package var pixels: PixelGraphicsChoice
  /// Whether the program runs inside tmux.
  package var isInsideTmux: Bool

  package init(
    term: String?, isKnown: Bool, inputIsTerminal: Bool, outputIsTerminal: Bool, size: Size?, locale: String?,
    unicode: Bool, color: ColorChoice, isInsideTmux: Bool, isLocaleInstalled: Bool = true,
    pixels: PixelGraphicsChoice = PixelGraphicsChoice(isOn: false, reason: "not looked at")
  ) {
    self.term = term
    self.isKnown = isKnown
    self.inputIsTerminal = inputIsTerminal
    self.outputIsTerminal = outputIsTerminal
    self.size = size
    self.locale = locale
    self.unicode = unicode
    self.isLocaleInstalled = isLocaleInstalled
    self.color = color
    self.pixels = pixels
    self.isInsideTmux = isInsideTmux
  }

  /// Surveys the actual terminal and system.
  ///
  /// - Parameter tier: The requested colours; nil for none.
  package static func system(color tier: ColorTier?, environment: [String: String]) -> TerminalSurvey {
    let term = environment["TERM"].flatMap { $0.isEmpty ? nil : $0 }
    let description = term.map { cnc_describe($0) } ?? cnc_description()
    let locale = cnc_survey_locale()
    return TerminalSurvey(
      term: term, isKnown: description.known, inputIsTerminal: isatty(STDIN_FILENO) == 1,
      outputIsTerminal: isatty(STDOUT_FILENO) == 1, size: windowSize(),
      locale: ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty },
      unicode: locale.utf8,
      color: ColorTier.choose(flag: tier, environment: environment, terminfoColors: Int(description.colors)),
      isInsideTmux: !(environment["TMUX"] ?? "").isEmpty, isLocaleInstalled: locale.installed,
      pixels: PixelGraphicsChoice.choose(flag: nil, environment: environment))
  }

  /// Whether the locale of the environment, or the one in its place, uses UTF-8. Leaves the process's own alone.
  package static var isLocaleUTF8: Bool { cnc_survey_locale().utf8 }

  /// The window size of the first of output, input and error that is a terminal.
  private static func windowSize() -> Size? {
    for file in [STDOUT_FILENO, STDIN_FILENO, STDERR_FILENO] {
      var window = winsize()
      if ioctl(file, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 {
        return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
      }
    }
    return nil
  }
}
