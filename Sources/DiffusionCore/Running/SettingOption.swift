/// An option that sets a setting, or a part of it: what a command line shows of it, and how its text is read.
public struct SettingOption: Sendable {
  /// Its name in files: `variation_seed`.
  public private(set) var name: String
  /// What it is for.
  public private(set) var help: String
  /// What stands for its value in help; nil for a flag, which has none.
  public let valueName: String?
  /// Whether it may be given several times, each time for another entry of a table.
  public let isRepeatable: Bool
  /// The key of the setting's table that it gives; nil for the whole value.
  let key: String?
  /// The setting's value for that of a file's key; nil if it cannot be one.
  let adopt: @Sendable (SettingValue) -> SettingValue?
  /// What its text stands for; nil for the same as the setting's.
  private var parse: (@Sendable (String) -> SettingValue)?
  /// The texts that give a setting's value; nil for the setting's own text.
  private var print: (@Sendable (SettingValue) -> [String])?

  /// An option for a whole value.
  ///
  /// - Parameters:
  ///   - name: Its name; empty for the setting's.
  ///   - valueName: What stands for its value in help; nil for a flag.
  ///   - texts: The texts that give a value; nil for the setting's own text.
  ///   - adopt: The setting's value for that of a file's key.
  package init(
    _ name: String = "", value valueName: String?, _ help: String,
    texts: (@Sendable (SettingValue) -> [String])? = nil,
    adopt: @escaping @Sendable (SettingValue) -> SettingValue? = { $0 }
  ) {
    (self.name, self.valueName, self.help) = (name, valueName, help)
    (isRepeatable, key, print, self.adopt) = (false, nil, texts, adopt)
  }

  /// An option for one value of a table.
  init<Part>(_ name: String, key: String, _ form: SettingForm<Part>, value valueName: String, _ help: String) {
    (self.name, self.valueName, self.help, self.key) = (name, valueName, help, key)
    (isRepeatable, parse, adopt) = (false, form.parse, { $0 })
    print = { value in
      guard case .table(let values) = value, let part = values[key] else { return [] }
      return [form.print(part)]
    }
  }

  /// An option for an entry of a table, `name=value`, that is given once for each.
  package init(entries name: String, value valueName: String, _ help: String) {
    (self.name, self.valueName, self.help, key) = (name, valueName, help, nil)
    (isRepeatable, adopt) = (true, { $0 })
    print = { value in if case .table(let values) = value { value.pairs(values) } else { [] } }
  }

  /// The option of a setting, which has said what this option does not say.
  func completed<Value>(_ setting: String, _ form: SettingForm<Value>, usual: String?) -> SettingOption {
    var option = self
    if name.isEmpty { option.name = setting }
    if let usual { option.help += " (default: \(usual))" }
    option.parse = parse ?? form.parse
    let isFlag = valueName == nil
    option.print =
      print ?? { $0 == .null || (isFlag && $0 != .bool(true)) ? [] : [form.print($0)] }
    return option
  }

  /// As it is on a command line: `--variation-seed`.
  public var flag: String { Self.flag(name) }

  /// What a command line calls a setting, or an option, of that name.
  public static func flag(_ name: String) -> String { "--" + name.replacing("_", with: "-") }

  /// The value of a text.
  func value(_ text: String) -> SettingValue { parse?(text) ?? .text(text) }

  /// The texts that give a setting's value: none where it does not say it, several where it is repeated.
  func texts(_ value: SettingValue) -> [String] { print?(value) ?? [] }
}
