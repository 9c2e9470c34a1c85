import DiffusionCore

/// Key presses written as words, as `snapshot --keys` takes them.
public struct KeySequence: Sendable, Equatable {
  /// The key presses, in order.
  public let keys: [Key]

  private static let names: [String: Key] = [
    "space": .character(" "), "right": .right, "left": .left, "up": .up, "down": .down, "home": .home, "end": .end,
    "pageup": .pageUp, "pagedown": .pageDown, "enter": .enter, "esc": .escape, "tab": .tab, "shift-tab": .backTab,
    "backspace": .backspace,
    "delete": .delete,
  ]

  /// Reads words separated by spaces: `space`, `right`, `left`, `up`, `down`, `home`, `end`, `pageup`, `pagedown`,
  /// `enter`, `esc`, `tab`, `shift-tab`, `backspace`, `delete`, or a single character.
  ///
  /// - Throws: `DiffusionError` (`usage`) naming the word that is none of these.
  public init(parsing text: String) throws {
    keys = try text.split(whereSeparator: \.isWhitespace).map { word in
      if let key = Self.names[word.lowercased()] { return key }
      guard word.count == 1, let character = word.first else {
        throw DiffusionError(
          .usage,
          "--keys: '\(word)' is no key: expected a single character or one of \(Self.names.keys.sorted().joined(separator: ", "))"
        )
      }
      return .character(character)
    }
  }
}
