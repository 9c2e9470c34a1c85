import DiffusionCore
import DiffusionTUI
import TOMLKit

/// What a person's config.toml says: keys, and what the explorer starts with where no option says otherwise.
public struct Configuration: Sendable, Equatable {
  /// The keys and what they ask for.
  package var keyMap = KeyMap.standard
  /// The theme, the colours and the renderer.
  public var appearance = Appearance()
  /// How fast playback is at first; nil for the standard speed.
  public var speed: PlaybackSpeed?
  /// Whether the mouse is captured at first.
  public var capturesMouse = true

  /// What counts where there is no file.
  public init() {}
}

/// A person's config.toml.
enum ConfigurationFile {
  /// What the file says; the standard where there is none.
  ///
  /// - Throws: ``DiffusionError`` that names the file: `badData` for what it holds, `inputOutput` if it cannot be read.
  static func load(_ folders: UserFolders, files: FileSystem) throws -> Configuration {
    guard let path = folders.configurationFile, let bytes = try files.read(path) else { return Configuration() }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DiffusionError(.badData, "\(path): expected text in UTF-8, found other bytes")
    }
    return try ConfigurationParser(path: path).parse(text)
  }
}

/// Reads config.toml: the table `keys` (an action's name = a key, or a list of keys) and the table `explorer` (`theme`,
/// `renderer`, `color`, `speed`, `mouse`).
package struct ConfigurationParser {
  /// The file's name, for errors.
  private let path: String

  package init(path: String) { self.path = path }

  /// Reads a text.
  ///
  /// - Throws: `DiffusionError` (`badData`) naming the file, and the line where the TOML breaks, or the key whose value
  ///   is wrong, what was expected and what was found.
  package func parse(_ text: String) throws -> Configuration {
    let table = try TOMLTable(parsing: text, file: path)
    try refuseUnknown(table.keys, known: ["explorer", "keys"], in: "")
    var configuration = Configuration()
    if let explorer = try subtable("explorer", of: table) { try read(explorer, into: &configuration) }
    if let keys = try subtable("keys", of: table) {
      configuration.keyMap = try naming { try configuration.keyMap.rebound(try read(keys)) }
    }
    return configuration
  }

  private func subtable(_ name: String, of table: TOMLTable) throws -> TOMLTable? {
    guard let value = table[name] else { return nil }
    guard let table = value.table else {
      throw error("\(name) is \(Self.found(value)): expected a table, [\(name)]")
    }
    return table
  }

  // MARK: - [explorer]

  private func read(_ table: TOMLTable, into configuration: inout Configuration) throws {
    try refuseUnknown(table.keys, known: ["theme", "renderer", "color", "speed", "mouse"], in: "explorer.")
    configuration.appearance = Appearance(
      theme: try text("theme", in: table, example: "dark"),
      color: try naming {
        try text("color", in: table, example: "auto").map { try ColorPreference(parsing: $0, option: "explorer.color") }
      },
      renderer: try naming("explorer.renderer: ") {
        try text("renderer", in: table, example: "half-block").map(ImageRendererKind.init(parsing:))
      })
    if let value = table["speed"] { configuration.speed = try speed(value) }
    if let value = table["mouse"] {
      guard let captures = value.bool else {
        throw error("explorer.mouse is \(Self.found(value)): expected true or false")
      }
      configuration.capturesMouse = captures
    }
  }

  private func text(_ key: String, in table: TOMLTable, example: String) throws -> String? {
    guard let value = table[key] else { return nil }
    guard let text = value.string, !text.isEmpty else {
      throw error("explorer.\(key) is \(Self.found(value)): expected a text such as \"\(example)\"")
    }
    return text
  }

  /// Steps a second: a number, or "max".
  private func speed(_ value: any TOMLValueConvertible) throws -> PlaybackSpeed {
    let name = value.int.map { "\($0)" } ?? value.double.map(NumberText.shortest) ?? value.string ?? ""
    guard let speed = PlaybackSpeed(named: name) else {
      let known = PlaybackSpeed.allCases.map { $0 == .unlimited ? "\"max\"" : $0.name }.joined(separator: ", ")
      throw error("explorer.speed is \(Self.found(value)): expected steps a second, one of \(known)")
    }
    return speed
  }

  // MARK: - [keys]

  private func read(_ table: TOMLTable) throws -> [String: [Key]] {
    var keys: [String: [Key]] = [:]
    for name in table.keys {
      guard let value = table[name] else { continue }
      if let list = value.array {
        keys[name] = try list.map { try key($0, of: name) }
      } else {
        keys[name] = [try key(value, of: name)]
      }
    }
    return keys
  }

  private func key(_ value: any TOMLValueConvertible, of name: String) throws -> Key {
    guard let text = value.string else {
      throw DiffusionError(
        .badData, "keys.\(name) is \(Self.found(value)): expected a key such as \"f5\", or a list of keys")
    }
    guard let key = Key(named: text) else {
      throw DiffusionError(.badData, "keys.\(name) is \"\(text)\", which is no key: expected \(Key.spellings)")
    }
    return key
  }

  // MARK: - Errors

  private func refuseUnknown(_ keys: [String], known: [String], in prefix: String) throws {
    for key in keys.sorted() where !known.contains(key) {
      throw error("\(prefix)\(key) is unknown: expected one of \(known.joined(separator: ", "))")
    }
  }

  /// Adds the file's name, and more if need be, to what others throw.
  private func naming<Value>(_ prefix: String = "", _ work: () throws -> Value) throws -> Value {
    do {
      return try work()
    } catch let problem as DiffusionError where !problem.message.hasPrefix(path) {
      throw error(prefix + problem.message)
    }
  }

  /// What was found, in the words of TOML.
  private static func found(_ value: any TOMLValueConvertible) -> String {
    if let text = value.string { return "\"\(text)\"" }
    if let isOn = value.bool { return "\(isOn)" }
    if let number = value.int { return "\(number)" }
    if let number = value.double { return "\(number)" }
    return value.table != nil ? "a table" : value.array != nil ? "a list" : "of another type"
  }

  private func error(_ message: String) -> DiffusionError { DiffusionError(.badData, "\(path): \(message)") }
}
