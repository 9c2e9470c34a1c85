import ArgumentParser
import DiffusionCore
import DiffusionTUI
import Glibc

/// Runs the program: parses arguments, runs a command, and turns its outcome into output and an exit status.
public enum CommandRunner {
  /// Runs the command that the process's arguments name.
  ///
  /// It must be called on the process's first thread: signals that ``Interruption`` blocks there are blocked in all
  /// threads.
  ///
  /// - Parameters:
  ///   - root: The program's command.
  ///   - offered: The command that shells complete, which may have more options.
  ///   - documented: The command that help and the man pages describe: commands of it that have a default one may have
  ///     its arguments.
  /// - Returns: The exit status.
  public static func run<Root: ParsableCommand, Offered: ParsableCommand, Documented: ParsableCommand>(
    _ root: Root.Type, completing offered: Offered.Type, documenting documented: Documented.Type
  ) -> Int32 {
    // Writing to a closed pipe must be an error of write(2), not end the process in the middle of its work.
    signal(SIGPIPE, SIG_IGN)
    // So must be a file that grows beyond `ulimit -f`.
    signal(SIGXFSZ, SIG_IGN)
    let words = Array(CommandLine.arguments.dropFirst())
    return finish(
      completion(of: offered) ?? documentation(of: documented, words) ?? outcome(of: root, words), of: root)
  }

  /// Prints the remaining output, and returns the exit status.
  private static func finish<Root: ParsableCommand>(_ outcome: CommandOutcome, of root: Root.Type) -> Int32 {
    if outcome.isCancelled { Interruption.deliver() }
    // If standard error is closed, the exit status still tells.
    if let line = outcome.errorLine { try? DescriptorStream.standardError.write(line + "\n") }
    guard let output = outcome.output else { return outcome.status }
    do {
      try DescriptorStream.standardOutput.write(output + "\n")
      return outcome.status
    } catch {
      return finish(CommandOutcome(error, of: root), of: root)
    }
  }

  /// The answer to a shell: the script for it, or the values that its script asks for; nil for any other command line.
  private static func completion<Offered: ParsableCommand>(of offered: Offered.Type) -> CommandOutcome? {
    let words = CommandLine.arguments.dropFirst().flatMap { $0.split(separator: "=", maxSplits: 1).map(String.init) }
    if words.first == "--generate-completion-script", words.count <= 2 {
      let shell = words.count == 1 ? CompletionShell.autodetected() : CompletionShell(rawValue: words[1])
      // Without a shell that is known, the argument parser says which ones are.
      return shell.map { CommandOutcome(output: PrintedText(lines: CompletionScript.text(of: offered, for: $0))) }
    }
    guard words.first == "---completion" else { return nil }
    do {
      _ = try offered.parseAsRoot()
      return nil
    } catch {
      return CommandOutcome(error, of: offered).keepingTabs(of: offered.fullMessage(for: error))
    }
  }

  /// The answer to what makes the man pages, and the help of a command that does what its default one does; nil for any
  /// other command line.
  package static func documentation<Documented: ParsableCommand>(
    of documented: Documented.Type, _ words: [String]
  ) -> CommandOutcome? {
    if words == ["--experimental-dump-help"] {
      do {
        _ = try documented.parseAsRoot(words)
        return nil
      } catch {
        return CommandOutcome(error, of: documented)
      }
    }
    let flags = ["--help", "-h"], others = words.filter { !flags.contains($0) }
    guard words.count == 2, words[0] == "help" || others.count == 1 else { return nil }
    let command = documented.configuration.subcommands.first { command in
      command.configuration.commandName == others.last && command.configuration.defaultSubcommand != nil
    }
    return command.map { CommandOutcome(output: PrintedText(lines: documented.helpMessage(for: $0))) }
  }

  /// Runs the command that words name.
  ///
  /// - Parameters:
  ///   - root: The command of the program.
  ///   - words: The words after the program's name.
  package static func outcome<Root: ParsableCommand>(of root: Root.Type, _ words: [String]) -> CommandOutcome {
    do {
      try requireCommand(of: root, inHelp: words[...])
      var command = try root.parseAsRoot(AttachedValues.separated(words, of: root))
      try command.run()
      return .success
    } catch {
      return CommandOutcome(error, of: root).suggestingCommand(of: root, for: words.first)
    }
  }
}

/// Refuses `help` for a command that is unknown: the argument parser would print the general help.
private func requireCommand(of root: any ParsableCommand.Type, inHelp words: ArraySlice<String>) throws {
  guard words.first == "help" else { return }
  var command: any ParsableCommand.Type = root
  for word in words.dropFirst() where !word.hasPrefix("-") {
    let commands = command.configuration.subcommands
    guard !commands.isEmpty else { return }
    let names = commands.compactMap { $0.configuration.commandName }
    guard let found = commands.first(where: { $0.configuration.commandName == word }) else {
      let near = NearestName.question(word, among: names), known = names.joined(separator: ", ")
      throw DiffusionError(.usage, "help: the command '\(word)' is unknown: \(near)expected one of \(known)")
    }
    command = found
  }
}

/// The outcome of a command: its remaining output, and its exit status.
public struct CommandOutcome: Sendable, Equatable {
  /// The text for standard output: help, or the version.
  public let output: PrintedText?
  /// The one line that goes to standard error.
  public let errorLine: PrintedText?
  /// The exit status.
  public let status: Int32
  /// Whether it was stopped by a signal, which then ends the process.
  public let isCancelled: Bool

  /// The outcome of a successful command.
  public static let success = CommandOutcome(status: 0)

  init(output: PrintedText? = nil, errorLine: PrintedText? = nil, status: Int32 = 0, isCancelled: Bool = false) {
    self.output = output
    self.errorLine = errorLine
    self.status = status
    self.isCancelled = isCancelled
  }

  /// Creates an outcome from an error: `DiffusionError` has its own status; errors of the argument parser are usage
  /// errors (64), but its help and version are successes; an `ExitCode` is a status without a line; a closed standard
  /// output means that the reader has seen enough.
  public init<Root: ParsableCommand>(_ error: any Error, of root: Root.Type) {
    switch error {
    case let error as DiffusionError:
      let message =
        error.setting.map { $0.message(calling: Setting.option(named: $0.name)?.flag ?? SettingOption.flag($0.name)) }
        ?? error.message
      self.init(errorLine: Self.line(message, root), status: error.kind.rawValue)
    case let images as NonFiniteImages:
      self.init(errorLine: Self.line(images.message, root), status: 1)
    case let code as ExitCode:
      // The command's output explains it.
      self.init(status: code.rawValue)
    case is CancellationError:
      self.init(status: 130, isCancelled: true)
    case is DescriptorStream.ReaderGone:
      self.init(status: 0)
    default:
      let status = root.exitCode(for: error).rawValue
      if status == 0 {
        let text = root.fullMessage(for: error)
        self.init(
          output: !text.isEmpty && text == root.configuration.version ? VersionReport().text : PrintedText(lines: text),
          status: 0)
      } else {
        let message = root.message(for: error) + Self.hint(root.fullMessage(for: error))
        self.init(errorLine: Self.line(message, root), status: status)
      }
    }
  }

  /// The outcome with the tabs that part values from their summaries in a message for fish.
  fileprivate func keepingTabs(of message: String) -> CommandOutcome {
    guard output != nil else { return self }
    let lines = message.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map { PrintedText(line: String($0)) }
        .joined(separator: "\t")
    }
    return CommandOutcome(output: lines.joined(separator: "\n"), status: status)
  }

  /// The outcome of a wrong option or a missing model, with the command that was probably meant by the first word:
  /// without a command, that word names a model.
  func suggestingCommand(of root: any ParsableCommand.Type, for word: String?) -> CommandOutcome {
    let names = root.configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let line = errorLine, [64, 66].contains(status), let word, !word.hasPrefix("-"), !names.contains(word),
      FileAccess.kind(of: word) == nil, let name = NearestName.of(word, among: names)
    else { return self }
    return CommandOutcome(
      errorLine: "\(line); did you mean the command \(name)?", status: status, isCancelled: isCancelled)
  }

  /// The help to read, from the last line of the argument parser's message: See 'diffusion-tui generate --help' ...
  private static func hint(_ message: String) -> String {
    let quoted = message.split(separator: "'").last { $0.hasSuffix("--help") }
    return quoted.map { "; see '\($0)'" } ?? ""
  }

  private static func line(_ message: String, _ root: any ParsableCommand.Type) -> PrintedText {
    let words = message.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: " ")
    return "\(root.configuration.commandName ?? ""): \(words)"
  }
}
