/// The only error that the engine throws: one line that names the file, tensor or setting, says what was expected and
/// what was found, and what to do.
public struct DiffusionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of failure; a command line maps it to its exit status.
  public enum Kind: Int32, Sendable {
    /// An option or argument is wrong (exit status 64).
    case usage = 64
    /// The data of a file is wrong (65).
    case badData = 65
    /// An input is not there (66).
    case missingInput = 66
    /// A device, or memory on it, is not available (69).
    case unavailable = 69
    /// An output cannot be created (73).
    case cannotCreate = 73
    /// Reading or writing failed (74).
    case inputOutput = 74
  }

  /// The kind of failure.
  public let kind: Kind
  /// The message, one line.
  public let message: String
  /// The setting with the wrong value, so that a front end can word the message itself; nil for other failures.
  public let setting: SettingFault?

  /// Creates an error of a kind with its message.
  public init(_ kind: Kind, _ message: String) {
    (self.kind, self.message, setting) = (kind, Self.line(message), nil)
  }

  /// Creates the error (`usage`) for a setting with a wrong value.
  public init(_ fault: SettingFault) {
    (kind, message, setting) = (.usage, Self.line(fault.message()), fault)
  }

  /// The most characters of a message: more than any has that quotes no value, name or key of a hostile file.
  private static let longest = 4096

  /// A message without the middle of what it quotes at length: its beginning says what is wrong, its end what to do.
  private static func line(_ message: String) -> String {
    let text = message.unicodeScalars
    guard text.count > longest else { return message }
    return "\(String(text.prefix(longest / 4))) ... \(String(text.suffix(longest / 2)))"
  }

  /// The message: what a program writes to standard error after its own name.
  public var description: String { message }
}

/// A wrong value of a setting, or a setting that the model has no use for. A front end that names settings differently
/// (`--threads`) can word it so.
public struct SettingFault: Sendable, Equatable {
  /// The setting's name, `generator_device`, or its name where it was read: `noise-device`.
  public var name: String
  /// The value found; nil where it is missing.
  public let found: String?
  /// Whether the value is text, which is quoted.
  public let isText: Bool
  /// The values allowed: "a whole number from 1 to 1024".
  public let expected: String
  /// The values allowed where files write them in another way than people type them; nil for the same.
  public private(set) var expectedInFiles: String?
  /// The value that was probably meant; nil if none is near.
  public private(set) var suggestion: String?
  /// Why the setting cannot be given at all: "the model takes no prompt"; nil for a wrong value.
  public let refusal: String?

  /// Creates a fault.
  public init(_ name: String, found: String?, isText: Bool = false, expected: String) {
    (self.name, self.found, self.isText, self.expected) = (name, found.map(Self.shortened), isText, expected)
    refusal = nil
  }

  /// The beginning of a long value: whole in no message, however a front end words it.
  private static func shortened(_ text: String) -> String {
    let start = text.unicodeScalars.prefix(200)
    return start.endIndex == text.endIndex ? text : String(start) + "..."
  }

  /// Creates a fault of a setting that cannot be given.
  ///
  /// - Parameters:
  ///   - name: The setting's name.
  ///   - refusal: Why it cannot be given.
  init(_ name: String, refusal: String) {
    (self.name, found, isText, expected, self.refusal) = (name, nil, false, "", refusal)
  }

  /// The fault with a suggestion: the nearest of the names that a value may have.
  func suggesting(among names: [String]) -> SettingFault {
    var fault = self
    fault.suggestion = isText ? found.flatMap { NearestName.of($0, among: names) } : nil
    return fault
  }

  /// The fault with the values that files may have.
  func expecting(inFiles expected: String?) -> SettingFault {
    var fault = self
    fault.expectedInFiles = expected
    return fault
  }

  private var question: String { suggestion.map { "; did you mean \($0)?" } ?? "" }

  /// `threads 0 is not a whole number from 1 to 1024`.
  ///
  /// - Parameter other: Another name for the setting; nil for its own.
  public func message(calling other: String? = nil) -> String {
    if let refusal { return "\(other ?? name): \(refusal)" }
    guard let found else { return "\(other ?? name) is missing: expected \(expected)" }
    return "\(other ?? name) \(isText ? "'\(found)'" : found) is not \(expected)\(question)"
  }

  /// The message for a key of a file: `threads is 0: expected a whole number from 1 to 1024`.
  public var keyMessage: String {
    if refusal != nil { return message() }
    let value = found.map { isText ? "\"\($0)\"" : $0 } ?? "missing"
    return "\(name) is \(value): expected \(expectedInFiles ?? expected)\(question)"
  }
}
