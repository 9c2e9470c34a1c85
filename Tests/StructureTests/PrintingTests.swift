import Testing

@Suite("Printing") struct PrintingTests {
  /// The words with which Swift code reaches standard output or standard error in the files that may use them, with
  /// the reasons.
  private static let exceptions: [String: Set<String>] = [
    // The one place that prints.
    "CommandLineKit/Output/DescriptorStream.swift": ["STDOUT_FILENO", "STDERR_FILENO", "write"],
    // These ask whether there is a terminal, and how large it is.
    "DiffusionTUI/Terminal/NCursesTerminal.swift": ["STDOUT_FILENO"],
    "DiffusionTUI/Terminal/TerminalSurvey.swift": ["STDOUT_FILENO", "STDERR_FILENO"],
    // Replaces the user's terminal with its own.
    "CommandLineKit/ScreenBench/PseudoTerminal.swift": ["STDOUT_FILENO"],
    // Writes files.
    "DiffusionCore/Serialization/AtomicFile.swift": ["write"],
    // Has a closure with that name.
    "DiffusionCore/Running/Setting.swift": ["print"],
  ]

  private static let functions: Set = [
    "print", "debugPrint", "dump", "puts", "fputs", "putchar", "fputc", "printf", "fprintf", "vprintf", "vfprintf",
    "dprintf", "fwrite", "perror", "psignal",
  ]
  private static let names: Set = [
    "STDOUT_FILENO", "STDERR_FILENO", "stdout", "stderr", "FileHandle", "FileDescriptor",
  ]

  /// The words in a Swift file that print.
  private static func found(in text: String) -> Set<String> {
    var found: Set<String> = []
    var previous = ""
    for word in SwiftSource(text).words {
      let isCall = word.after == UInt8(ascii: "(")
      let isMember = word.before == UInt8(ascii: ".")
      if names.contains(word.text) { found.insert(word.text) }
      if functions.contains(word.text), isCall, !isMember, previous != "func" { found.insert(word.text) }
      if word.text == "write", isMember, previous == "Glibc" { found.insert(word.text) }
      previous = word.text
    }
    return found
  }

  @Test("only one stream prints, and it takes only PrintedText", arguments: try SourceTree.folders(in: "Sources"))
  func swift(target: String) throws {
    for file in try SourceTree.files(in: "Sources/\(target)", endings: ["swift"]) {
      let path = "\(target)/\(file.path)", words = Self.found(in: file.text)
      #expect(words == Self.exceptions[path, default: []], "\(path)")
    }
  }

  @Test("in C, only the code that draws the screen prints", arguments: try SourceTree.folders(in: "Sources"))
  func c(target: String) throws {
    let calls = /\b(printf|fprintf|dprintf|puts|fputs|putchar|fputc|fwrite|perror|psignal|write)\s*\(/
    for file in try SourceTree.files(in: "Sources/\(target)", endings: ["c", "h", "inc"]) {
      let found = Set(file.text.matches(of: calls).map { String($0.1) })
      // Restores the terminal in a signal handler, and passes on sequences that ncurses has no call for.
      let path = "\(target)/\(file.path)", prints = ["CNCurses/Signals.c", "CNCurses/Writing.c"].contains(path)
      #expect(found == (prints ? ["write"] : []), "\(path)")
    }
  }

  @Test("only literals are trusted", arguments: try SourceTree.folders(in: "Sources"))
  func literals(target: String) throws {
    for file in try SourceTree.files(in: "Sources/\(target)", endings: ["swift"])
    where !file.path.hasSuffix("Text/PrintedText.swift") {
      let words = SwiftSource(file.text).words.map(\.text)
      #expect(!words.contains("stringLiteral") && !words.contains("StringInterpolation"), "\(target)/\(file.path)")
    }
  }

  @Test("the search finds what prints and nothing else") func search() {
    #expect(Self.found(in: "print(1)\nFileHandle.standardError.write(x)") == ["print", "FileHandle"])
    #expect(Self.found(in: "Glibc.write(1, a, b)\nfputs(a, stderr)") == ["write", "fputs", "stderr"])
    #expect(Self.found(in: "form.print(1)\nfunc print() {}\n// print(1)\nlet a = \"print(1)\"").isEmpty)
  }
}
