/// Text for standard output, standard error or a file that people read: the only type that is printed.
///
/// Literals in the source stay as they are, with any escape sequences. Interpolated values come from outside (names of
/// files and models, configurations, arguments, the environment) and are reduced to one line that cannot move the
/// cursor or reverse the text: each scalar that is not printable becomes U+FFFD.
///
/// ```swift
/// let text: PrintedText = "wrote \(path)\n"
/// ```
public struct PrintedText: Sendable, Hashable {
  /// The text.
  public let text: String

  fileprivate init(trusted text: String) { self.text = text }

  /// Creates one line from outside text.
  public init(line: String) { self.init(trusted: line.replacingUnprintable()) }

  /// Creates lines from outside text, such as help assembled elsewhere; line feeds stay.
  public init(lines: String) { self.init(trusted: lines.replacingUnprintable(but: "\n")) }

  /// Creates text from JSON, whose strings keep every scalar: those that are not printable become `\u` escapes, which
  /// read back unchanged. Valid JSON has none outside strings but line feeds.
  public init(json: String) {
    self.init(trusted: json.replacingUnprintable(but: "\n") { $0.utf16.map(Self.escape).joined() })
  }

  private static func escape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// Whether the text is empty.
  public var isEmpty: Bool { text.isEmpty }

  /// The text for an ASCII-only terminal: a question mark for each column of a non-ASCII character.
  package var ascii: String {
    text.reduce(into: "") { result, character in
      if character.isASCII {
        result.append(character)
      } else {
        result += String(repeating: "?", count: TextMeasure.system.columns(of: character))
      }
    }
  }

  /// Concatenates two texts.
  public static func + (left: PrintedText, right: PrintedText) -> PrintedText {
    PrintedText(trusted: left.text + right.text)
  }
}

extension PrintedText: ExpressibleByStringInterpolation {
  /// Creates text from a literal in the source.
  public init(stringLiteral text: String) { self.init(trusted: text) }

  /// Creates text from a literal in the source with outside text interpolated.
  public init(stringInterpolation: StringInterpolation) { self.init(trusted: stringInterpolation.text) }

  /// Keeps literals apart from interpolated values.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    /// Begins an empty text.
    public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    /// Appends a literal from the source.
    public mutating func appendLiteral(_ literal: String) { text += literal }

    /// Appends a value from outside, on one line.
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += value.description.replacingUnprintable()
    }

    /// Appends the description of an error, on one line.
    public mutating func appendInterpolation(_ error: any Error) { appendInterpolation(String(describing: error)) }

    /// Appends text that is already printable.
    public mutating func appendInterpolation(_ value: PrintedText) { text += value.text }
  }
}

extension Sequence where Element == PrintedText {
  /// Joins texts with a separator.
  package func joined(separator: PrintedText = "") -> PrintedText {
    PrintedText(trusted: map(\.text).joined(separator: separator.text))
  }
}

extension Unicode.Scalar {
  /// Whether it is safe to print: visible, and with the same meaning on every terminal. Control characters, line
  /// separators, text-direction marks and other invisible formats are excluded, as are private and unassigned scalars.
  /// The joiners are included, because Persian and Indic scripts cannot be written without them.
  package var isPrintable: Bool {
    if value < 0x7F { return value >= 0x20 }
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
    case .format: return self == "\u{200C}" || self == "\u{200D}"
    default: return true
    }
  }
}

extension String {
  /// The text with each unprintable scalar replaced.
  fileprivate func replacingUnprintable(
    but kept: Unicode.Scalar? = nil, by replacement: (Unicode.Scalar) -> String = { _ in "\u{FFFD}" }
  ) -> String {
    guard unicodeScalars.contains(where: { !$0.isPrintable && $0 != kept }) else { return self }
    var view = UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar.isPrintable || scalar == kept {
        view.append(scalar)
      } else {
        view += replacement(scalar).unicodeScalars
      }
    }
    return String(view)
  }
}
