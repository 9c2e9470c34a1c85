/// One side of a grid: a setting with its values, or several settings that vary together.
public struct SweepAxis: Sendable, Equatable, Codable {
  /// The settings by the keys of runs files, with underscores: `seed`, `scheduler`.
  public let keys: [String]
  /// The values of each key, as many for each.
  public let values: [[SettingValue]]

  /// Creates an axis of at least one key, whose lists of values are of one length.
  init(keys: [String], values: [[SettingValue]]) {
    (self.keys, self.values) = (keys, values)
  }

  /// The number of places along it.
  public var count: Int { values.first?.count ?? 0 }

  /// What stands along it: `seed`, `scheduler, steps`.
  public var name: String { keys.map(Self.written).joined(separator: ", ") }

  /// Its keys and values at a place, from 0.
  public func entries(at place: Int) -> [(key: String, value: SettingValue)] {
    zip(keys, values).map { ($0, $1[place]) }
  }

  /// The values at a place: `7`, or `euler, 20` for several settings.
  public func label(at place: Int) -> String { values.map { Self.text($0[place]) }.joined(separator: ", ") }

  /// The values at a place with their names: `seed 7`.
  public func title(at place: Int) -> String {
    titleParts(at: place).map { "\($0.name) \($0.value)" }.joined(separator: ", ")
  }

  /// The names of the settings, as plans write them, and their values at a place.
  func titleParts(at place: Int) -> [(name: String, value: String)] {
    entries(at: place).map { (Self.written($0.key), Self.text($0.value)) }
  }

  /// A value as text; one that is empty or absent is said.
  static func text(_ value: SettingValue) -> String {
    switch value {
    case .null: "none"
    case .text(""): "\"\""
    default: value.text
    }
  }

  /// A key as plans write it.
  static func written(_ key: String) -> String { key.replacing("_", with: "-") }
}
