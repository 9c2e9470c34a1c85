import DiffusionCore

/// A configuration's options by Diffusers' names.
public enum ConfigListing {
  /// Every stored property of a configuration, its Swift name in snake case.
  ///
  /// Reflection keeps the list complete when an option is added to the configuration.
  public static func values(of config: Any) -> [String: SettingValue] {
    var values: [String: SettingValue] = [:]
    for child in Mirror(reflecting: config).children {
      guard let label = child.label else { continue }
      values[snakeCase(label)] = value(of: child.value)
    }
    return values
  }

  /// `block_out_channels` for `blockOutChannels`, `eos_token_id` for `eosTokenID`.
  static func snakeCase(_ name: String) -> String {
    var result = "", isAfterCapital = false
    for character in name {
      result += character.isUppercase && !isAfterCapital ? "_" + character.lowercased() : character.lowercased()
      isAfterCapital = character.isUppercase
    }
    return result
  }

  private static func value(of any: Any) -> SettingValue {
    switch any {
    case let value as Bool: return .bool(value)
    case let value as Int: return .integer(Int128(value))
    case let value as Double: return SettingValue(number: value)
    case let value as Float: return SettingValue(number: value)
    case let value as String: return .text(value)
    case let value as [Any]: return .list(value.map(Self.value(of:)))
    case let value as any RawRepresentable: return Self.value(of: value.rawValue)
    default: break
    }
    let mirror = Mirror(reflecting: any)
    if mirror.displayStyle == .optional { return mirror.children.first.map { value(of: $0.value) } ?? .null }
    // A case with a value, such as one number for all levels, is listed as the value.
    if mirror.displayStyle == .enum, let value = mirror.children.first { return Self.value(of: value.value) }
    return .text("\(any)")
  }
}
