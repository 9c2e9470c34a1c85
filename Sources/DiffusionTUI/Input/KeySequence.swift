import DiffusionCore

/// Key presses written as words, as `snapshot --keys` takes them.
public struct KeySequence: Sendable, Equatable {
  /// The key presses, in order.
  public let keys: [Key]

  /// Reads words separated by spaces: `space`, `right`, `left`, `up`, `down`, `home`, `end`, `pageup`, `pagedown`,
  /// `enter`, `esc`, `tab`, `shift-tab`, `backspace`, `delete`, `f1` to `f12`, `ctrl-x`, or a single character.
  ///
  /// - Throws: `DiffusionError` (`usage`) naming the word that is none of these.
  public init(parsing text: String) throws {
    keys = try text.split(whereSeparator: \.isWhitespace).map { word in
      guard let key = Key(named: String(word)) else {
        throw DiffusionError(.usage, "--keys: '\(word)' is no key: expected \(Key.spellings)")
      }
      return key
    }
  }
}
