/// The one error that the engine throws: one line that names the file, tensor or setting, says what was expected and
/// what was found, and what to do.
public struct DiffusionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of trouble it is; a command line turns it into its exit status.
  public enum Kind: Int32, Sendable {
    /// An option or argument is wrong (exit status 64).
    case usage = 64
    /// The data of a file is wrong (65).
    case badData = 65
    /// An input is not there (66).
    case missingInput = 66
    /// A device, or memory of it, is not available (69).
    case unavailable = 69
    /// An output cannot be created (73).
    case cannotCreate = 73
    /// Reading or writing failed (74).
    case inputOutput = 74
  }

  /// What kind of trouble it is.
  public let kind: Kind
  /// One line for people.
  public let message: String
  /// The setting that has a wrong value, so that a front end can say it in its own words; nil for other trouble.
  public let setting: SettingFault?

  /// Creates an error of a kind with its one line.
  public init(_ kind: Kind, _ message: String) {
    (self.kind, self.message, setting) = (kind, message, nil)
  }

  /// Creates the error (`usage`) of a setting that has a wrong value.
  public init(_ fault: SettingFault) {
    (kind, message, setting) = (.usage, fault.message(), fault)
  }

  /// The message alone: what a program writes to standard error after its own name.
  public var description: String { message }
}

/// A setting that has a value which it cannot have. A front end that calls settings otherwise (`--threads`) says so.
public struct SettingFault: Sendable, Equatable {
  /// The setting's name, `generator_device`, or what it was called where it was read: `noise-device`.
  public var name: String
  /// What it is; nil where it is missing.
  public let found: String?
  /// Whether it is a text, which stands in quotation marks.
  public let isText: Bool
  /// What it may be: "a whole number from 1 to 1024".
  public let expected: String

  /// Describes a wrong value.
  public init(_ name: String, found: String?, isText: Bool = false, expected: String) {
    (self.name, self.found, self.isText, self.expected) = (name, found, isText, expected)
  }

  /// `threads 0 is not a whole number from 1 to 1024`.
  ///
  /// - Parameter other: What to call the setting; nil for its own name.
  public func message(calling other: String? = nil) -> String {
    guard let found else { return "\(other ?? name) is missing: expected \(expected)" }
    return "\(other ?? name) \(isText ? "'\(found)'" : found) is not \(expected)"
  }

  /// The same of a file's key: `threads is 0: expected a whole number from 1 to 1024`.
  public var keyMessage: String {
    let value = found.map { isText ? "\"\($0)\"" : $0 } ?? "missing"
    return "\(name) is \(value): expected \(expected)"
  }
}
