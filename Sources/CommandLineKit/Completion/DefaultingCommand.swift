import ArgumentParser

/// A command that does what one of its commands does where none is named: `sweep plan.toml` is `sweep run plan.toml`.
///
/// The argument parser's scripts offer the names of its commands in their place, and nothing behind any other word.
struct DefaultingCommand {
  /// The names of the program, the command, and the one of its commands that it does unasked.
  let program, name, usual: String
  /// The names of all its commands.
  let commands: [String]

  /// Those of a program. The program itself is none: what it does unasked takes a model, of which anything is a name.
  static func all<Root: ParsableCommand>(of root: Root.Type) -> [DefaultingCommand] {
    let program = root.configuration.commandName ?? ""
    // A key path into a metatype would crash the compiler (Swift 6.3.1), here and below.
    return root.configuration.subcommands.map { $0.configuration }.compactMap { command in
      guard let name = command.commandName, let usual = command.defaultSubcommand?.configuration.commandName else {
        return nil
      }
      return DefaultingCommand(
        program: program, name: name, usual: usual,
        commands: command.subcommands.compactMap { $0.configuration.commandName })
    }
  }

  /// A script of the argument parser that also offers, where no command is named, what the usual one takes.
  func completed(_ script: String, for shell: CompletionShell) -> String {
    switch shell {
    case .bash: script.replacing("\n\(function)() {", with: "\n\(named)() {") + bash
    case .zsh: script.replacing("\n\(function)() {", with: "\n\(zsh)\n\(named)() {")
    case .fish: fish(script)
    default: script
    }
  }

  /// The function of the script for the command.
  private var function: String { "_\(program)_\(name)" }
  /// Its name where a function stands in its place.
  private var named: String { "_\(function)_named" }

  private var bash: String {
    """


    # \(name) without a command of its own is \(name) \(usual).
    \(function)() {
        case "${unparsed_words[0]}" in
        \(commands.joined(separator: "|")))
            \(named)
            ;;
        *)
            ((${#unparsed_words[@]} > 1)) ||
                COMPREPLY+=($(compgen -W '\(commands.joined(separator: " "))' -- "${cur}"))
            \(function)_\(usual)
            ;;
        esac
    }
    """
  }

  private var zsh: String {
    """
    # \(name) without a command of its own is \(name) \(usual).
    \(function)() {
        local -i ret=1
        if ((CURRENT > 2)) && [[ "${words[2]}" == (\(commands.joined(separator: "|"))) ]]; then
            \(named) && ret=0
        else
            ((CURRENT > 2)) || [[ "${PREFIX}" == -* ]] || { \(named) && ret=0 }
            \(function)_\(usual) && ret=0
        fi
        return "${ret}"
    }

    """
  }

  private func fish(_ script: String) -> String {
    let tokens = "    set -l unparsed_tokens (__\(program)_tokens -pc)\n"
    let own = "\"\(program) \(name)\"", usual = "\"\(program) \(name) \(usual)\""
    let lines = script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init), known = Set(lines)
    // Behind the command itself, what the usual one takes is offered beside the names of commands.
    let more = lines.filter { $0.contains(usual) }.map { $0.replacing(usual, with: own) }.filter { !known.contains($0) }
    let inserted = """
          # \(name) without a command of its own is \(name) \(self.usual).
          if test (count $unparsed_tokens) -gt 2 -a "$unparsed_tokens[2]" = \(name)
              contains -- "$unparsed_tokens[3]" \(commands.joined(separator: " "))
              or set unparsed_tokens $unparsed_tokens[1..2] \(self.usual) $unparsed_tokens[3..]
          end

      """
    return (lines + more).joined(separator: "\n").replacing(tokens, with: tokens + inserted)
  }
}
