import DiffusionCore

/// A key press.
public enum Key: Sendable, Hashable {
  /// A character, including space.
  case character(Character)
  case left, right, up, down, home, end, pageUp, pageDown
  case enter, escape, tab, backspace, delete
  /// Tab with Shift held.
  case backTab
  /// An arrow with Shift held.
  case shiftLeft, shiftRight, shiftUp, shiftDown
  /// A letter with Ctrl held: `.control("c")`.
  case control(Character)
  /// A function key, from 1 to ``functionKeyCount``.
  case function(Int)

  /// The number of function keys supported.
  public static let functionKeyCount = 12
}

extension Key {
  /// The keys with names of their own: the name that `--keys` and config.toml take, and the label on the screen.
  private static let words: [(name: String, label: String, key: Key)] = [
    ("space", "space", .character(" ")), ("right", "right", .right), ("left", "left", .left), ("up", "up", .up),
    ("down", "down", .down), ("home", "Home", .home), ("end", "End", .end), ("pageup", "PgUp", .pageUp),
    ("pagedown", "PgDn", .pageDown), ("enter", "Enter", .enter), ("esc", "Esc", .escape), ("tab", "Tab", .tab),
    ("shift-tab", "Shift-Tab", .backTab), ("backspace", "Backspace", .backspace), ("delete", "Del", .delete),
    ("shift-left", "Shift-Left", .shiftLeft), ("shift-right", "Shift-Right", .shiftRight),
    ("shift-up", "Shift-Up", .shiftUp), ("shift-down", "Shift-Down", .shiftDown),
  ]

  /// Letters that with Ctrl held send the same code as another key.
  private static let controlAliases: [Character: Key] = ["h": .backspace, "i": .tab, "j": .enter, "m": .enter]

  /// The valid names of keys, in one line, for errors.
  package static let spellings =
    "a single character, \(words.map(\.name).joined(separator: ", ")), f1 to f\(functionKeyCount), "
    + "or ctrl- and a letter"

  /// Creates a key from its name: a single character; `space`, `right`, `left`, `up`, `down`, `home`, `end`, `pageup`,
  /// `pagedown`, `enter`, `esc`, `tab`, `shift-tab`, `backspace`, `delete`, `shift-left` and the other arrows, `f1` to
  /// `f12` or `ctrl-x`, in upper or lower case. Nil for anything else.
  package init?(named name: String) {
    let lowered = name.lowercased()
    if name.count == 1, let character = name.first, !character.isWhitespace {
      self = .character(character)
    } else if let word = Self.words.first(where: { $0.name == lowered }) {
      self = word.key
    } else if lowered.hasPrefix("ctrl-"), lowered.count == 6, let letter = lowered.last, ("a"..."z").contains(letter) {
      self = Self.controlAliases[letter] ?? .control(letter)
    } else if lowered.hasPrefix("f"), let number = (1...Self.functionKeyCount).first(where: { "f\($0)" == lowered }) {
      self = .function(number)
    } else {
      return nil
    }
  }

  /// The name that ``init(named:)`` reads.
  package var name: String {
    switch self {
    case .character(let character) where character != " ": String(character)
    case .control(let letter): "ctrl-\(letter)"
    case .function(let number): "f\(number)"
    default: Self.words.first { $0.key == self }?.name ?? ""
    }
  }

  /// The label in the footer and in help.
  package var label: String {
    switch self {
    case .character(let character) where character != " ": String(character)
    case .control(let letter): "Ctrl-\(letter.uppercased())"
    case .function(let number): "F\(number)"
    default: Self.words.first { $0.key == self }?.label ?? ""
    }
  }

  /// The label of several keys in help: "right l", "1 to 8", or "no key".
  package static func label(of keys: [Key]) -> String {
    guard !keys.isEmpty else { return "no key" }
    if keys == [.shiftLeft, .shiftRight, .shiftUp, .shiftDown] { return "S-arrows" }
    let codes = keys.map { key -> Int? in
      guard case .character(let character) = key else { return nil }
      return character.asciiValue.map(Int.init)
    }
    let isRange = zip(codes, codes.dropFirst()).allSatisfy { left, right in left.map { $0 + 1 } == right && right != nil
    }
    if keys.count > 2, isRange { return "\(keys[0].label) to \(keys[keys.count - 1].label)" }
    return keys.map(\.label).joined(separator: " ")
  }

  /// The arrow character of an arrow key, for Unicode terminals.
  package var arrow: Character? {
    switch self {
    case .left: "\u{2190}"
    case .up: "\u{2191}"
    case .right: "\u{2192}"
    case .down: "\u{2193}"
    default: nil
    }
  }
}

/// Key presses written as words, as `snapshot --keys` takes them.
public struct KeySequence: Sendable, Equatable {
  /// The key presses, in order.
  public let keys: [Key]

  /// Reads words separated by spaces: `space`, `right`, `left`, `up`, `down`, `home`, `end`, `pageup`, `pagedown`,
  /// `enter`, `esc`, `tab`, `shift-tab`, `backspace`, `delete`, `f1` to `f12`, `ctrl-x`, or a single character.
  ///
  /// - Throws: `DiffusionError` (`usage`) that names the unknown word.
  public init(parsing text: String) throws {
    keys = try text.split(whereSeparator: \.isWhitespace).map { word in
      guard let key = Key(named: String(word)) else {
        throw DiffusionError(.usage, "--keys: '\(word)' is no key: expected \(Key.spellings)")
      }
      return key
    }
  }
}
