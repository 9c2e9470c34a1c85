import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// A value that a shell offers for an option or an argument.
package struct CompletionCandidate: Sendable, Equatable {
  /// The value as a command line has it. One that ends in a slash is a folder.
  package let value: String
  /// What it is, for shells that show that beside it.
  var summary: String?

  /// Creates a candidate.
  package init(_ value: String, _ summary: String? = nil) {
    self.value = value
    self.summary = summary
  }

  /// Its line in what the argument parser hands to a shell; nil for a name that a terminal would act on.
  ///
  /// The parser passes lines on as they are: bash expands them like words of a command line, so a file's name must not
  /// be one that it would run; zsh takes what follows a colon, and fish what follows a tab, for the summary.
  package func line(for shell: CompletionShell?) -> String? {
    guard value.unicodeScalars.allSatisfy(\.isPrintable) else { return nil }
    switch shell {
    case .some(.bash):
      return value.unicodeScalars.reduce(into: "") { text, scalar in
        if scalar.isASCII, !Self.isPlain(scalar) { text.unicodeScalars.append("\\") }
        text.unicodeScalars.append(scalar)
      }
    case .some(.zsh):
      let value = value.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
      return summary.map { "\(value):\($0)" } ?? value
    case .some(.fish):
      return summary.map { "\(value)\t\($0)" } ?? value
    default:
      return value
    }
  }

  /// Whether a character means itself in bash.
  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
      || "/.,:@_+=%-".unicodeScalars.contains(scalar)
  }
}

extension CompletionCandidate {
  /// The folders, and the files with some endings, that the path typed so far may become. Hidden ones are offered once
  /// their dot is typed.
  ///
  /// - Parameters:
  ///   - word: What was typed; it may begin with `~/`.
  ///   - endings: The endings of files, such as `.png`; none for folders alone.
  ///   - home: The home folder; nil if there is none.
  package static func files(_ word: String, endings: [String], home: String?) -> [CompletionCandidate] {
    let folder = word.lastIndex(of: "/").map { String(word[...$0]) } ?? ""
    let start = word.dropFirst(folder.count)
    let path = folder.hasPrefix("~/") ? home.map { $0 + folder.dropFirst() } ?? folder : folder
    return FileAccess.names(in: path.isEmpty ? "." : path, prefix: String(start)).compactMap { name in
      if name.hasPrefix("."), !start.hasPrefix(".") { return nil }
      switch FileAccess.kind(of: path + name) {
      case .folder: return CompletionCandidate("\(folder)\(name)/")
      case .file where endings.contains { name.hasSuffix($0) }: return CompletionCandidate(folder + name)
      default: return nil
      }
    }
  }
}
