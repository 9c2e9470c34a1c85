/// How many colours a terminal has. Views draw in 24-bit colour; a frame is brought down to the tier at the end.
public enum ColorTier: String, Sendable, CaseIterable, Comparable {
  case mono, ansi8 = "8", ansi16 = "16", palette256 = "256", trueColor = "truecolor"

  /// By the number of colours.
  public static func < (left: Self, right: Self) -> Bool {
    (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
  }
}
