/// The settings in a file or on a command line: values by the settings' names, and how each name was written.
public struct SettingValues: Sendable {
  /// How to treat a setting that is absent.
  public enum Absence: Sendable {
    /// Keep its value.
    case kept
    /// Use its default; for a setting that every file has, its absence is an error.
    case usual
  }

  /// The values, by the settings' names.
  public private(set) var values: [String: SettingValue] = [:]
  /// How the names of settings and options were written.
  private var keys: [String: String] = [:]

  /// Creates an empty set of values.
  public init() {}

  /// Creates the values of a request, without those that files omit: null, and the default of settings that may be
  /// omitted.
  public init(of request: RunRequest, _ settings: [Setting] = Setting.all) {
    for setting in settings {
      let value = setting.value(of: request)
      guard value != .null, !(setting.mayBeOmitted && setting.isUsual(in: request)) else { continue }
      self[setting] = value
    }
  }

  /// Creates the values that options give.
  ///
  /// - Parameters:
  ///   - options: The texts of each flag that was given, by its name with underscores: `variation_seed`. The last one
  ///     counts, unless the option may be repeated.
  ///   - settings: The settings allowed.
  /// - Throws: ``DiffusionError`` (`usage`) for two options that exclude each other.
  public init(options: [String: [String]], among settings: [Setting] = Setting.all) throws {
    for setting in settings {
      for option in setting.options {
        let texts = (options[option.flagName] ?? []).filter(option.takes)
        for text in option.isRepeatable ? texts : texts.suffix(1) {
          try add(option.value(text), to: setting, by: option, key: option.name)
        }
      }
    }
  }

  /// The value given for a setting; nil if there is none.
  public subscript(setting: Setting) -> SettingValue? {
    get { values[setting.name] }
    set { values[setting.name] = newValue }
  }

  /// Whether no value was given.
  public var isEmpty: Bool { values.isEmpty }

  /// Adds the value of a file's key: a setting's name, a former one, or an option's, with hyphens or underscores.
  ///
  /// - Returns: Whether there is such a setting among those allowed.
  /// - Throws: ``DiffusionError`` (`usage`) for a value that is given twice, or that the key cannot have.
  public mutating func add(
    _ value: SettingValue, under key: String, among settings: [Setting] = Setting.all
  ) throws -> Bool {
    let name = key.replacing("-", with: "_")
    for setting in settings {
      if let option = setting.options.first(where: { $0.name == name && !$0.isRepeatable }) {
        try add(value, to: setting, by: option, key: key)
        return true
      }
      guard setting.name == name || setting.aliases.contains(name) else { continue }
      try note(setting.name, key, of: setting)
      self[setting] = value
      return true
    }
    return false
  }

  /// Sets every value given, in the order of the table.
  ///
  /// - Parameters:
  ///   - request: The run to set them in.
  ///   - settings: The settings allowed.
  ///   - limits: The limits of numeric settings.
  ///   - absence: How to treat the other settings.
  /// - Throws: ``DiffusionError`` as ``Setting/assign(_:to:limits:)``; its ``DiffusionError/setting`` has the name
  ///   under which the value was given.
  public func assign(
    to request: inout RunRequest, among settings: [Setting] = Setting.all, limits: SettingLimits = SettingLimits(),
    absence: Absence = .kept
  ) throws {
    if absence == .kept { try checkCard() }
    for setting in settings {
      do {
        if let value = self[setting] {
          try setting.assign(value, to: &request, limits: limits)
        } else if absence == .usual {
          // If every file has the setting, its absence is reported as an error.
          try setting.assign(setting.mayBeOmitted ? setting.value(of: .usual) : .null, to: &request, limits: limits)
        }
      } catch let error as DiffusionError {
        guard var fault = error.setting else { throw error }
        fault.name = key(of: fault.name, setting)
        throw DiffusionError(fault)
      }
    }
  }

  private mutating func add(
    _ value: SettingValue, to setting: Setting, by option: SettingOption, key: String
  ) throws {
    if !option.isRepeatable || self[setting] == nil { try note(option.name, key, of: setting) }
    if option.isRepeatable {
      // What could not be parsed stays, and is refused later.
      if case .text? = self[setting] { return }
      if case .list(let entries)? = self[setting], case .list(let more) = value {
        self[setting] = .list(entries + more)
        return
      }
    }
    switch (option.key, self[setting]) {
    case (let part?, .table(let parts)):
      self[setting] = .table(parts.merging([part: value]) { $1 })
    case (let part?, _): self[setting] = .table([part: value])
    case (nil, .table(let entries)) where option.isRepeatable:
      guard case .table(let more) = value else { fallthrough }
      self[setting] = .table(entries.merging(more) { $1 })
    default:
      guard let adopted = option.adopt(value) else {
        throw DiffusionError(value.fault(key, expected: setting.hint(for: .usual).long))
      }
      self[setting] = adopted
    }
  }

  /// Stores how a name was written; two values for a whole setting exclude each other.
  private mutating func note(_ name: String, _ key: String, of setting: Setting) throws {
    let parts = Set(setting.options.filter { $0.key != nil }.map(\.name))
    let others = keys.filter { other, _ in
      other == setting.name || setting.options.contains { $0.name == other }
    }.filter { !(parts.contains(name) && parts.contains($0.key)) || $0.key == name }
    if let other = others.values.first {
      throw DiffusionError(.usage, other == key ? "\(key) is given twice" : "\(other) and \(key) exclude each other")
    }
    keys[name] = key
  }

  /// The written form of a setting's or an option's name.
  private func key(of name: String, _ setting: Setting) -> String {
    if let key = keys[name] { return key }
    let option = setting.options.first { $0.name == name }
    // The whole setting was given under another name, or as a table that contains the value.
    if let key = keys[setting.name] { return option?.key.map { "\(key).\($0)" } ?? key }
    let written = setting.options.compactMap { keys[$0.name] }
    if name == setting.name, let key = written.first { return key }
    return written.contains { $0.contains("-") } ? name.replacing("_", with: "-") : name
  }
}

extension SettingValues: Equatable {
  /// Whether the values are the same, however they were written.
  public static func == (left: SettingValues, right: SettingValues) -> Bool { left.values == right.values }
}
