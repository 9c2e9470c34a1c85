/// An option that sets a setting or a part of it: its help, and how its text is parsed.
public struct SettingOption: Sendable {
  /// Its name in files: `variation_seed`.
  public private(set) var name: String
  /// Its help text.
  public private(set) var help: String
  /// The placeholder for its value in help; nil for a flag, which has no value.
  public let valueName: String?
  /// Whether it may be given several times, each time for another entry of a table.
  public let isRepeatable: Bool
  /// The option whose flag it shares; nil for a flag of its own.
  private let sharedFlag: String?
  /// Whether a text is meant for it, and not for the option that it shares a flag with.
  let takes: @Sendable (String) -> Bool
  /// The key in the setting's table that it sets; nil for the whole value.
  let key: String?
  /// Converts the value of a file's key to the setting's value; nil if it is not valid.
  let adopt: @Sendable (SettingValue) -> SettingValue?
  /// Parses its text; nil for the setting's own parser.
  private var parse: (@Sendable (String) -> SettingValue)?
  /// Formats a setting's value as texts; nil for the setting's own format.
  private var print: (@Sendable (SettingValue) -> [String])?

  /// Creates an option for a whole value.
  ///
  /// - Parameters:
  ///   - name: Its name; empty for that of the setting.
  ///   - valueName: The placeholder for its value in help; nil for a flag.
  ///   - flag: The option whose flag it shares; nil for a flag of its own.
  ///   - takes: Whether a text is meant for it, and not for the option that it shares a flag with.
  ///   - texts: Formats a setting's value as texts; nil for the setting's own format.
  ///   - adopt: Converts the value of a file's key to the setting's value.
  package init(
    _ name: String = "", value valueName: String?, _ help: String, flag sharedFlag: String? = nil,
    takes: @escaping @Sendable (String) -> Bool = { _ in true },
    texts: (@Sendable (SettingValue) -> [String])? = nil,
    adopt: @escaping @Sendable (SettingValue) -> SettingValue? = { $0 }
  ) {
    (self.name, self.valueName, self.help) = (name, valueName, help)
    (isRepeatable, key, print, self.adopt) = (false, nil, texts, adopt)
    (self.sharedFlag, self.takes) = (sharedFlag, takes)
  }

  /// Creates an option for one value of a table.
  init<Part>(_ name: String, key: String, _ form: SettingForm<Part>, value valueName: String, _ help: String) {
    (self.name, self.valueName, self.help, self.key) = (name, valueName, help, key)
    (isRepeatable, parse, adopt) = (false, form.parse, { $0 })
    (sharedFlag, takes) = (nil, { _ in true })
    print = { value in
      guard case .table(let values) = value, let part = values[key] else { return [] }
      return [form.print(part)]
    }
  }

  /// Creates an option for entries of a table, `name=value`, which may be given several times.
  package init(entries name: String, value valueName: String, _ help: String) {
    (self.name, self.valueName, self.help, key) = (name, valueName, help, nil)
    (isRepeatable, adopt) = (true, { $0 })
    (sharedFlag, takes) = (nil, { _ in true })
    print = { value in if case .table(let values) = value { value.pairs(values) } else { [] } }
  }

  /// Creates an option for the values of a list, one at a time, which may be given several times.
  init(
    each name: String, value valueName: String, _ help: String, parse: (@Sendable (String) -> SettingValue)? = nil
  ) {
    (self.name, self.valueName, self.help, key) = (name, valueName, help, nil)
    (isRepeatable, adopt, self.parse) = (true, { $0 }, parse)
    (sharedFlag, takes) = (nil, { _ in true })
  }

  /// The option with everything that it leaves open filled in from its setting.
  func completed<Value>(_ setting: String, _ form: SettingForm<Value>, usual: String?) -> SettingOption {
    var option = self
    if name.isEmpty { option.name = setting }
    if let usual { option.help += " (default: \(usual))" }
    option.parse = parse ?? form.parse
    let isFlag = valueName == nil
    if isRepeatable, print == nil {
      option.print = { value in
        if case .list(let values) = value { values.map { form.print(.list([$0])) } } else { [] }
      }
      return option
    }
    option.print =
      print ?? { $0 == .null || (isFlag && $0 != .bool(true)) ? [] : [form.print($0)] }
    return option
  }

  /// The option's name on a command line, with underscores: its own, or that of the option whose flag it shares.
  public var flagName: String { sharedFlag ?? name }

  /// Its flag on a command line: `--variation-seed`.
  public var flag: String { Self.flag(flagName) }

  /// The flag of a setting or an option of that name.
  public static func flag(_ name: String) -> String { "--" + name.replacing("_", with: "-") }

  /// The value that a text stands for.
  func value(_ text: String) -> SettingValue { parse?(text) ?? .text(text) }

  /// The texts for a setting's value: none if the option does not express it, several if it is repeated.
  func texts(_ value: SettingValue) -> [String] { print?(value) ?? [] }
}
