import ArgumentParser
import FoundationEssentials

/// Words of a command line with a value attached, `--name=value`, as swift-argument-parser can read them.
///
/// It cuts such a word at the first character `=`, takes an empty value for none, and so takes the next word in its
/// place; and of an `=` that a mark follows it sees one character that is no `=`. Those words are cut in two here, at
/// the scalar `=`, where the option takes a value. All other words stay as they are.
enum AttachedValues {
  /// The words with those cut in two that would be misread, up to a `--`.
  ///
  /// - Parameters:
  ///   - words: The words after the program's name.
  ///   - root: The command whose options they are, or those of its subcommands.
  static func separated(_ words: [String], of root: any ParsableCommand.Type) -> [String] {
    guard words.contains(where: { isMisread($0) }) else { return words }
    let options = valueOptions(of: root)
    var separated: [String] = [], isValue = false
    for (index, word) in words.enumerated() {
      if word == "--" { return separated + words[index...] }
      guard !isValue, isMisread(word), let (name, value) = parts(word), let takesAnything = options[name],
        takesAnything || value.unicodeScalars.first != "-"
      else {
        separated.append(word)
        isValue = !isValue && options[word] == true
        continue
      }
      separated += [name, value]
    }
    return separated
  }

  /// `--name` and what stands behind the first scalar `=`; nil for any other word.
  private static func parts(_ word: String) -> (name: String, value: String)? {
    guard word.utf8.starts(with: "--".utf8), let index = word.unicodeScalars.firstIndex(of: "=") else { return nil }
    let scalars = word.unicodeScalars
    return (String(scalars[..<index]), String(scalars[scalars.index(after: index)...]))
  }

  private static func isMisread(_ word: String) -> Bool {
    guard let (name, value) = parts(word) else { return false }
    return value.isEmpty || !word.hasPrefix(name + "=")
  }

  /// The options of a command and its subcommands that take a value, and whether it may begin with a dash.
  private static func valueOptions(of root: any ParsableCommand.Type) -> [String: Bool] {
    let help = try? JSONDecoder().decode(Help.self, from: Data(root._dumpHelp().utf8))
    return help.map { valueOptions(of: $0.command) } ?? [:]
  }

  private static func valueOptions(of command: Help.Command) -> [String: Bool] {
    var found: [String: Bool] = [:]
    for argument in command.arguments ?? [] where argument.kind == "option" {
      for name in argument.names ?? [] { found["--\(name.name)"] = argument.parsingStrategy == "unconditional" }
    }
    for subcommand in command.subcommands ?? [] { found.merge(valueOptions(of: subcommand)) { $0 || $1 } }
    return found
  }

  /// What `--experimental-dump-help` prints, as far as it is needed.
  private struct Help: Decodable {
    let command: Command

    struct Command: Decodable {
      let arguments: [Argument]?
      let subcommands: [Command]?
    }

    struct Argument: Decodable {
      let kind: String
      let parsingStrategy: String?
      let names: [Name]?
    }

    struct Name: Decodable { let name: String }
  }
}
