/// The one error that the engine throws: one line that names the file, tensor or option, says what was expected and what
/// was found, and what to do.
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

  /// Creates an error of a kind with its one line.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The message alone: what a program writes to standard error after its own name.
  public var description: String { message }
}
