import DiffusionCore
import TOMLKit

/// Parses a theme in TOML: `name`, and a table `roles` with the colour of each ``ThemeRole`` as `"#rrggbb"`,
/// `"default"`, or `{ color = "...", bold = true, dim = true, underline = true, reverse = true }`.
package struct ThemeParser {
  /// The file's name, for errors.
  package let path: String

  package init(path: String) { self.path = path }

  /// Parses a theme.
  ///
  /// - Throws: `DiffusionError` (`badData`) that names the file, the key, the value and what is accepted, or the line
  ///   of the syntax error.
  package func parse(_ text: String) throws -> Theme {
    let table = try TOMLTable(parsing: text, file: "theme \(path)")
    try refuseUnknown(table.keys, known: ["name", "roles"], of: "")
    let name = try parseName(table)
    guard let rolesTable = table["roles"]?.table else {
      throw error("the table [roles] is missing: expected colours such as text = \"#d0d4d8\"")
    }
    try refuseUnknown(rolesTable.keys, known: ThemeRole.allCases.map(\.rawValue), of: "roles.")
    var roles: [ThemeRole: Theme.RoleStyle] = [:]
    for role in ThemeRole.allCases {
      guard let value = rolesTable[role.rawValue] else {
        throw error("roles.\(role.rawValue) is missing: expected \"#rrggbb\" or \"default\"")
      }
      if let table = value.table {
        roles[role] = try parseStyle(table, key: "roles.\(role.rawValue)")
      } else {
        roles[role] = Theme.RoleStyle(color: try parseColor(value.string, key: "roles.\(role.rawValue)"))
      }
    }
    return Theme(name: name, roles: roles)
  }

  private func parseName(_ table: TOMLTable) throws -> String {
    if let name = table["name"]?.string, !name.isEmpty { return name }
    let found = table["name"].map { $0.string == nil ? "no text" : "empty" } ?? "missing"
    throw error("name is \(found): expected a text such as \"dark\"")
  }

  private static let attributes: [String: Style.Attributes] = [
    "bold": .bold, "dim": .dim, "underline": .underline, "reverse": .reverse,
  ]

  private func parseStyle(_ table: TOMLTable, key: String) throws -> Theme.RoleStyle {
    try refuseUnknown(table.keys, known: ["color"] + Self.attributes.keys.sorted(), of: "\(key).")
    var style = Theme.RoleStyle()
    if let value = table["color"] { style.color = try parseColor(value.string, key: "\(key).color") }
    for (name, attribute) in Self.attributes {
      guard let value = table[name] else { continue }
      guard let isOn = value.bool else { throw error("\(key).\(name) is not true or false") }
      if isOn { style.attributes.insert(attribute) }
    }
    return style
  }

  private func parseColor(_ text: String?, key: String) throws -> RGB? {
    if text == "default" { return nil }
    guard let text, text.hasPrefix("#"), text.count == 7, text.dropFirst().allSatisfy(\.isHexDigit),
      let number = UInt32(text.dropFirst(), radix: 16)
    else {
      let found = text.map { "\"\($0)\"" } ?? "no text"
      throw error("\(key) is \(found): expected \"#rrggbb\" or \"default\"")
    }
    return RGB(UInt8(number >> 16), UInt8(number >> 8 & 255), UInt8(number & 255))
  }

  private func refuseUnknown(_ keys: [String], known: [String], of prefix: String) throws {
    for key in keys where !known.contains(key) {
      throw error("\(prefix)\(key) is unknown: expected \(known.joined(separator: ", "))")
    }
  }

  private func error(_ message: String) -> DiffusionError { DiffusionError(.badData, "theme \(path): \(message)") }
}
