import ArgumentParser
import DiffusionCore
import DiffusionTUI
import Glibc

/// Runs the program: parses, runs the command that was named, and turns whatever happens into lines and an exit status.
public enum CommandRunner {
  /// Runs the command that the process' arguments name.
  ///
  /// Runs on the caller's thread, which has to be the process's first: signals that ``Interruption`` blocks there are
  /// blocked in all.
  ///
  /// - Returns: The exit status.
  public static func run<Root: ParsableCommand>(_ root: Root.Type) -> Int32 {
    // A pipe that nobody reads shall be an error of write(2), not the end of the process in the midst of its work.
    signal(SIGPIPE, SIG_IGN)
    let outcome = outcome(of: root)
    if outcome.isCancelled { Interruption.deliver() }
    return finish(outcome, of: root)
  }

  /// Prints what is left to print, and returns the exit status.
  private static func finish<Root: ParsableCommand>(_ outcome: CommandOutcome, of root: Root.Type) -> Int32 {
    // Where standard error is closed, the status still tells.
    if let line = outcome.errorLine { try? DescriptorStream.standardError.write(line + "\n") }
    guard let output = outcome.output else { return outcome.status }
    do {
      try DescriptorStream.standardOutput.write(output + "\n")
      return outcome.status
    } catch {
      return finish(CommandOutcome(error, of: root), of: root)
    }
  }

  private static func outcome<Root: ParsableCommand>(of root: Root.Type) -> CommandOutcome {
    do {
      var command = try root.parseAsRoot()
      try command.run()
      return .success
    } catch {
      return CommandOutcome(error, of: root)
    }
  }
}

/// How a command ends: what is left to print, and its exit status.
public struct CommandOutcome: Sendable, Equatable {
  /// What goes to standard output: help, or the version.
  public let output: PrintedText?
  /// The one line that goes to standard error.
  public let errorLine: PrintedText?
  /// The exit status.
  public let status: Int32
  /// Whether it was stopped by a signal, which then ends the process.
  public let isCancelled: Bool

  /// A command that did what it was asked to.
  public static let success = CommandOutcome(status: 0)

  private init(output: PrintedText? = nil, errorLine: PrintedText? = nil, status: Int32, isCancelled: Bool = false) {
    self.output = output
    self.errorLine = errorLine
    self.status = status
    self.isCancelled = isCancelled
  }

  /// What an error of a command means: `DiffusionError` brings its own status; errors of the argument parser are usage
  /// (64), its help and version are none; an `ExitCode` is a status without a line; whoever closed our standard output
  /// has read what they wanted.
  public init<Root: ParsableCommand>(_ error: any Error, of root: Root.Type) {
    switch error {
    case let error as DiffusionError:
      let message = error.setting.map { $0.message(calling: SettingOption.flag($0.name)) } ?? error.message
      self.init(errorLine: Self.line(message, root), status: error.kind.rawValue)
    case let code as ExitCode:
      // What the command printed says why.
      self.init(status: code.rawValue)
    case is CancellationError:
      self.init(status: 130, isCancelled: true)
    case is DescriptorStream.ReaderGone:
      self.init(status: 0)
    default:
      let status = root.exitCode(for: error).rawValue
      if status == 0 {
        self.init(output: PrintedText(lines: root.fullMessage(for: error)), status: 0)
      } else {
        let message = root.message(for: error) + Self.hint(root.fullMessage(for: error))
        self.init(errorLine: Self.line(message, root), status: status)
      }
    }
  }

  /// Which help to read, from the last line of the argument parser's message: See 'diffusion-tui generate --help' ...
  private static func hint(_ message: String) -> String {
    let quoted = message.split(separator: "'").last { $0.hasSuffix("--help") }
    return quoted.map { "; see '\($0)'" } ?? ""
  }

  private static func line(_ message: String, _ root: any ParsableCommand.Type) -> PrintedText {
    let words = message.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: " ")
    return "\(root.configuration.commandName ?? ""): \(words)"
  }
}
