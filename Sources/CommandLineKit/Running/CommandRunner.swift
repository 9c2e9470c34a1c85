import ArgumentParser
import DiffusionCore
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
