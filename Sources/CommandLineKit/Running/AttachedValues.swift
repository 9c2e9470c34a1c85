import ArgumentParser
import DiffusionCore
import FoundationEssentials

/// Words of a command line with a value attached, `--name=value`, as swift-argument-parser can read them.
///
/// It cuts such a word at the first character `=`, takes an empty value for none, and so takes the next word in its
/// place; and of an `=` that a mark follows it sees one character that is no `=`. Those words are cut in two here, at
/// the scalar `=`, where the option takes a value; a flag is refused, which it would take as if there were no `=`. All
/// other words stay as they are.
enum AttachedValues {
  /// The words with those cut in two that would be misread, up to a `--`.
  ///
  /// - Parameters:
  ///   - words: The words after the program's name.
  ///   - root: The command whose options they are, or those of its subcommands.
  /// - Throws: ``DiffusionError`` (`usage`) for a flag with a `=`.
  static func separated(_ words: [String], of root: any ParsableCommand.Type) throws -> [String] {
    guard words.contains(where: { isMisread($0) }) else { return words }
    let options = kinds(of: root)
    var separated: [String] = [], isValue = false
    for (index, word) in words.enumerated() {
      if word == "--" { return separated + words[index...] }
      guard !isValue, isMisread(word), let (name, value) = parts(word), let kind = options[name],
        kind != .value || value.unicodeScalars.first != "-"
      else {
        separated.append(word)
        isValue = !isValue && options[word] == .anyValue
        continue
      }
      guard kind != .nothing else { throw DiffusionError(.usage, "\(name) takes no value: leave out the =") }
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

  /// What an option takes.
  private enum Kind { case nothing, value, anyValue }

  private static func isMisread(_ word: String) -> Bool {
    guard let (name, value) = parts(word) else { return false }
    return value.isEmpty || !word.hasPrefix(name + "=")
  }

  /// The options and flags of a command and its subcommands, and what each takes.
  private static func kinds(of root: any ParsableCommand.Type) -> [String: Kind] {
    let help = try? JSONDecoder().decode(Help.self, from: Data(root._dumpHelp().utf8))
    return help.map { kinds(of: $0.command) } ?? [:]
  }

  private static func kinds(of command: Help.Command) -> [String: Kind] {
    var found: [String: Kind] = [:]
    for argument in command.arguments ?? [] where argument.kind != "positional" {
      let takesAny = argument.parsingStrategy == "unconditional"
      let kind: Kind = argument.kind == "flag" ? .nothing : takesAny ? .anyValue : .value
      for name in argument.names ?? [] { found["--\(name.name)"] = kind }
    }
    for subcommand in command.subcommands ?? [] { found.merge(kinds(of: subcommand)) { first, _ in first } }
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
