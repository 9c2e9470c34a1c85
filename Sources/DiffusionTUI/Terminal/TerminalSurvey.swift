import CNCurses
import Glibc

/// What is known of the terminal without taking its screen, for `doctor`.
package struct TerminalSurvey: Sendable, Equatable {
  /// `TERM`; nil where it is not set.
  package var term: String?
  /// Whether terminfo has an entry of that name.
  package var isKnown: Bool
  /// Whether standard input is a terminal.
  package var inputIsTerminal: Bool
  /// Whether standard output is one.
  package var outputIsTerminal: Bool
  /// How large it is; nil where there is none.
  package var size: Size?
  /// The locale that decides about letters: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set.
  package var locale: String?
  /// Whether the locale's characters are UTF-8.
  package var unicode: Bool
  /// Whether the system has that locale: ssh brings names of locales that are installed elsewhere.
  package var isLocaleInstalled: Bool
  /// How many colours there would be, and why.
  package var color: ColorChoice
  /// Whether it shows pixels by kitty's graphics, and why.
  package var pixels: PixelGraphicsChoice
  /// Whether tmux is between.
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

  /// Asks the system.
  ///
  /// - Parameter tier: The colours that were asked for, or nil.
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

  /// Whether the locale that the environment asks for is in UTF-8. Leaves the locale of the process alone.
  package static var isLocaleUTF8: Bool { cnc_survey_locale().utf8 }

  /// The size of the first of output, input and error that is a terminal.
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
