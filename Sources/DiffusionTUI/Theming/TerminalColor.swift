/// A colour as a terminal of some tier takes it.
public enum TerminalColor: Sendable, Hashable {
  /// The terminal's own.
  case `default`
  /// A place in its palette: 0 to 7, 0 to 15, or 16 to 255, by the tier.
  case index(Int)
  /// 24 bits.
  case rgb(RGB)
}
