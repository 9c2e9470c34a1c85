import DiffusionCore
import DiffusionTUI
import TOMLKit

/// The contents of a user's config.toml: keys, and the explorer's defaults where no option is given.
public struct Configuration: Sendable, Equatable {
  /// The keys and their actions.
  package var keyMap = KeyMap.standard
  /// The theme, the colours and the renderer.
  public var appearance = Appearance()
  /// The initial speed of playback; nil for the standard speed.
  public var speed: PlaybackSpeed?
  /// Whether the mouse is captured initially.
  public var capturesMouse = true

  /// Creates the configuration that applies without a file.
  public init() {}
}

/// A user's config.toml.
enum ConfigurationFile {
  /// The contents of the file; the standard configuration if there is none.
  ///
  /// - Throws: ``DiffusionError`` that names the file: `badData` for invalid contents, `inputOutput` if it cannot be
  ///   read.
  static func load(_ folders: UserFolders, files: FileSystem) throws -> Configuration {
    guard let path = folders.configurationFile, let bytes = try files.read(path) else { return Configuration() }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DiffusionError(.badData, "\(path): expected text in UTF-8, found other bytes")
    }
    return try ConfigurationParser(path: path).parse(text)
  }
}

/// Parses config.toml: the table `keys` (the name of an action = a key, or a list of keys) and the table `explorer`
/// (`theme`, `renderer`, `color`, `speed`, `mouse`).
package struct ConfigurationParser {
  /// The file's name, for error messages.
  private let path: String

  package init(path: String) { self.path = path }

  /// Parses text.
  ///
  /// - Throws: `DiffusionError` (`badData`) naming the file, and the line where it is not valid TOML, or the key whose
  ///   value is wrong, what was expected and what was found.
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

  /// Steps per second: a number, or "max".
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
      throw DiffusionError(.badData, "keys.\(name) is \"\(text)\", which is not a key: expected \(Key.spellings)")
    }
    return key
  }

  // MARK: - Errors

  private func refuseUnknown(_ keys: [String], known: [String], in prefix: String) throws {
    for key in keys.sorted() where !known.contains(key) {
      throw error("\(prefix)\(key) is unknown: expected one of \(known.joined(separator: ", "))")
    }
  }

  /// Adds the file's name, and a prefix if needed, to the errors of `work`.
  private func naming<Value>(_ prefix: String = "", _ work: () throws -> Value) throws -> Value {
    do {
      return try work()
    } catch let problem as DiffusionError where !problem.message.hasPrefix(path) {
      throw error(prefix + problem.message)
    }
  }

  /// A description of the value found, in TOML's terms.
  private static func found(_ value: any TOMLValueConvertible) -> String {
    if let text = value.string { return "\"\(text)\"" }
    if let isOn = value.bool { return "\(isOn)" }
    if let number = value.int { return "\(number)" }
    if let number = value.double { return "\(number)" }
    return value.table != nil ? "a table" : value.array != nil ? "a list" : "of another type"
  }

  private func error(_ message: String) -> DiffusionError { DiffusionError(.badData, "\(path): \(message)") }
}
