/// Text on its way to standard output, standard error or a file that people read: the one type that is printed.
///
/// What is written in the source stays as it is, with the escape sequences that this program means. What is put in
/// between comes from outside (names of files and models, configurations, arguments, the environment) and is reduced to
/// one line that moves no cursor and turns no text around: each scalar that is not printable becomes U+FFFD.
///
/// ```swift
/// let text: PrintedText = "wrote \(path)\n"
/// ```
public struct PrintedText: Sendable, Hashable {
  /// The text.
  public let text: String

  fileprivate init(trusted text: String) { self.text = text }

  /// One line from outside.
  public init(line: String) { self.init(trusted: line.replacingUnprintable()) }

  /// Lines from outside, such as a help that was put together elsewhere; line feeds stay.
  public init(lines: String) { self.init(trusted: lines.replacingUnprintable(but: "\n")) }

  /// JSON, whose strings keep every scalar: those that are not printable become `\u` escapes, which read back as they
  /// were. Without escapes there can be none outside of strings but line feeds.
  public init(json: String) {
    self.init(trusted: json.replacingUnprintable(but: "\n") { $0.utf16.map(Self.escape).joined() })
  }

  private static func escape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// Whether there is none.
  public var isEmpty: Bool { text.isEmpty }

  /// The text for a terminal that shows ASCII alone: a question mark for each column of anything else.
  package var ascii: String {
    text.reduce(into: "") { result, character in
      if character.isASCII {
        result.append(character)
      } else {
        result += String(repeating: "?", count: TextMeasure.system.columns(of: character))
      }
    }
  }

  /// Puts texts together.
  public static func + (left: PrintedText, right: PrintedText) -> PrintedText {
    PrintedText(trusted: left.text + right.text)
  }
}

extension PrintedText: ExpressibleByStringInterpolation {
  /// Text that is written in the source.
  public init(stringLiteral text: String) { self.init(trusted: text) }

  /// Text that is written in the source, with text from outside in it.
  public init(stringInterpolation: StringInterpolation) { self.init(trusted: stringInterpolation.text) }

  /// Keeps the two apart.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    /// Begins an empty text.
    public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    /// Adds what is written in the source.
    public mutating func appendLiteral(_ literal: String) { text += literal }

    /// Adds what comes from outside, on one line.
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += value.description.replacingUnprintable()
    }

    /// Adds what an error says, on one line.
    public mutating func appendInterpolation(_ error: any Error) { appendInterpolation(String(describing: error)) }

    /// Adds what is printable already.
    public mutating func appendInterpolation(_ value: PrintedText) { text += value.text }
  }
}

extension Sequence where Element == PrintedText {
  /// Puts texts together, with another between each two.
  package func joined(separator: PrintedText = "") -> PrintedText {
    PrintedText(trusted: map(\.text).joined(separator: separator.text))
  }
}

extension Unicode.Scalar {
  /// Whether a terminal can be given it: it has a meaning that is the same everywhere, and shows. Control characters,
  /// separators of lines, directions of writing and other invisible formats are not, nor what is private or unassigned.
  /// The joiners are, without which Persian and Indic scripts cannot be written.
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
  /// The text with each scalar that is not printable replaced.
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
