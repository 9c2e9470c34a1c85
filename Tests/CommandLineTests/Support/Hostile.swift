import DiffusionTUI
import Foundation
import TestSupport

/// A name for a file or a value that would take over the terminal on which it is printed.
enum Hostile {
  /// Sets the window title, clears the screen (in 7 and in 8 bits), reverses the writing direction, breaks lines in
  /// every way, and backspaces over what was printed.
  static let name =
    "x\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}31m\u{202E}\u{2066}\u{200F}\u{61C}\u{85}\u{2028}\u{2029}\r\n\n\t\u{8}\u{7F}"
    + "\u{FEFF}\u{10EEEE}z"

  /// The name as escaped in JSON and in a TOML string.
  static let escaped = name.utf16.map { String(format: "\\u%04x", $0) }.joined()

  /// The scalars in a text that must not be printed: all but printable ones and line feeds.
  static func scalars(in text: String) -> [String] {
    text.unicodeScalars.filter { !$0.isPrintable && $0 != "\n" }.map { "U+" + String($0.value, radix: 16) }
  }

  /// Copies of a file's JSON, each with one hostile string or key.
  static func variants(of file: String) throws -> [Any] {
    variants(of: try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file))))
  }

  private static func variants(of value: Any) -> [Any] {
    var found: [Any] = []
    if value is String {
      found = [name]
    } else if let list = value as? [Any] {
      for (index, element) in list.enumerated() {
        found += variants(of: element).map { changed in list.indices.map { $0 == index ? changed : list[$0] } }
      }
    } else if let object = value as? [String: Any] {
      found = [object.merging([name: name]) { $1 }]
      for (key, element) in object.sorted(by: { $0.key < $1.key }) {
        found += variants(of: element).map { changed in object.merging([key: changed]) { $1 } }
      }
    }
    return found
  }

  /// Writes JSON to a file.
  static func write(_ value: Any, to path: String) throws {
    try JSONSerialization.data(withJSONObject: value).write(to: URL(fileURLWithPath: path))
  }
}
