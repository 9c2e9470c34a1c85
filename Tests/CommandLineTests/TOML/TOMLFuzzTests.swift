import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import Lessons
import TestSupport
import Testing
import Themes

/// No text of TOML ends the program: it is read or refused in one line, whichever file it is in.
@Suite("TOML") struct TOMLFuzzTests {
  /// The files in TOML that the program reads.
  enum Kind: CaseIterable, Sendable {
    case runs, configuration, theme, lesson

    /// Valid files of the kind.
    var examples: [String] {
      switch self {
      case .runs:
        [
          """
          # Two runs
          [[run]]
          seed = 0
          eta = 0.5
          scheduler-options = { clip_sample = false, timestep_spacing = "trailing" }
          [[run]]
          seeds = [1, 2]
          model = "owner/name"
          noise-device = 'cuda'
          """
        ]
      case .configuration:
        [
          "[explorer]\ntheme = 'light'\nspeed = 0.5\nmouse = false\n[keys]\nquit = 'X'\nrestart = ['f5', 'f6']\n"
        ]
      case .theme: Array(BuiltInThemes.all.values)
      case .lesson: Array(BuiltInLessons.all.values)
      }
    }

    func read(_ bytes: [UInt8]) throws {
      switch self {
      case .lesson: _ = try LessonLibrary.lesson(at: "x.toml", bytes: bytes)
      case .theme: _ = try ThemeParser(path: "x.toml").parse(text(bytes))
      case .configuration: _ = try ConfigurationParser(path: "x.toml").parse(text(bytes))
      case .runs:
        let base = RunRequest(settings: RunSettings(threads: 1))
        _ = try RunsFile(text: text(bytes), path: "x.toml", base: base)
      }
    }

    private func text(_ bytes: [UInt8]) throws -> String {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw DiffusionError(.badData, "x.toml: not UTF-8")
      }
      return text
    }

    /// The error that refuses a text; nil if it is read.
    func refusal(of bytes: [UInt8]) throws -> DiffusionError? {
      do {
        try read(bytes)
        return nil
      } catch let error as DiffusionError {
        return error
      }
    }
  }

  @Test("a header that begins no key is refused where it breaks", arguments: Kind.allCases)
  func headers(kind: Kind) throws {
    let none = (0x21...0x7E).map { UInt8($0) }.filter { byte in
      let scalar = Unicode.Scalar(byte)
      return !(Character(scalar).isLetter || Character(scalar).isNumber || "-_\"'[".unicodeScalars.contains(scalar))
    }
    for byte in none {
      for header in ["[", "[ ", "[[", "[[ "] {
        let error = try #require(try kind.refusal(of: Array("# é\n".utf8) + Array(header.utf8) + [byte]))
        #expect(error.kind == .badData)
        #expect(
          error.message.contains("x.toml: line 2, column \(header.count + 1): expected a key, found '"),
          "\(header)\(byte): \(error)")
      }
    }
  }

  static let faults = [
    ("[[[", "line 1, column 3: expected a key, found '['"), ("a = 1\n[.x]", "line 2, column 2: expected a key"),
    ("[=", "line 1, column 2: expected a key"), ("[@keys]", "line 1, column 2: expected a key"),
    ("[", "line 1, column 2: expected a key, found the end"), ("[\u{E9}]", "line 1, column 2: expected a key"),
    ("a = 2020-01-01 1", "line 1, column 16: expected a comma, a time or the end of the line, found '1'"),
    ("a = [2020-01-01 1]", "line 1, column 17: expected a comma, a time"),
    ("a = 2020-01-01 1 # x", "line 1, column 16: expected a comma, a time"),
    (
      "a = 2" + String(repeating: "_", count: 120) + "020-01-01 10:00:00",
      "line 1, column 5: expected a value of at most 100"
    ),
    ("a = \u{0}1", "line 1, column 5: expected text, found a control character"),
    ("a = 'x\u{0}'", "line 1, column 7: expected text"), ("a =", "line 1, column 4: expected a value, found the end"),
    ("a = \n", "line 1, column 5: expected a value, found the end of the line"),
    ("a = = 1", "line 1, column 5: expected a value, found '='"), ("a", "line 1, column 2: expected a dot or ="),
    ("= 1", "line 1, column 1: expected a key"), ("a. = 1", "line 1, column 4: expected a key"),
    ("a = 1 b = 2", "line 1, column 7: expected the end of the line, found 'b'"),
    ("a = [1 2]", "line 1, column 8: expected a comma"), ("a = {b = 1", "line 1, column 11: expected a comma or }"),
    ("a = \"x\n\"", "line 1, column 7: expected the quote that ends the string"),
    ("a = \"\"\"x\n\"", "line 2, column 2: expected the three quotes that end the string"),
    ("a = \"\\", "line 1, column 7: expected the quote that ends the string, found the end"),
    ("[a]]", "line 1, column 4: expected the end of the line"), ("[[a] ]", "line 1, column 5: expected ]]"),
    // toml++'s own, before the place that it cannot take.
    ("a = 1\na = 2\n[=", "line 2, column "), ("a = 01\n[[[", "line 1, column "),
  ]

  @Test("names line and column of a fault", arguments: faults)
  func positions(text: String, message: String) throws {
    let error = try #require(try Kind.configuration.refusal(of: Array(text.utf8)))
    #expect(error.kind == .badData && error.message.hasPrefix("x.toml: \(message)"), "\(error)")
  }

  @Test(
    "takes what TOML takes",
    arguments: [
      "\u{FEFF}[explorer]\r\nspeed = 1 # \u{E9}\r\n", "[ keys ] # x", "[keys]\n\"quit\" = [ # one\n \"X\",\n]",
      "explorer . theme = \"\"\"\ndark\"\"\"", "explorer = { theme = 'dark', \"speed\" = 0.5 }", "keys.quit = [ ]",
      "explorer.theme = \"\"\"a\\\n  b\"\"\"\"\"", "explorer.theme = '''a'b''c'''''",
      "explorer.theme = \"\\\"\\u0041\"",
      "", "\n\n", "# only a comment", "[explorer]\n[keys]", "explorer.speed = 1.0e+0", "[\"explorer\"]\n['keys']",
    ])
  func valid(text: String) throws {
    #expect(try Kind.configuration.refusal(of: Array(text.utf8)) == nil)
  }

  @Test("takes dates and times, which no key uses", arguments: ["1979-05-27", "1979-05-27 07:32:00.5", "07:32:00"])
  func dates(text: String) throws {
    let error = try Kind.configuration.refusal(of: Array("explorer.mouse = \(text)".utf8))
    #expect(error?.message == "x.toml: explorer.mouse is of another type: expected true or false")
  }

  static let bombs: [(text: String, message: String)] = [
    (String(repeating: "[", count: 100_000), "expected a key"),
    ("a = " + String(repeating: "[", count: 100_000), "expected at most 100 levels"),
    ("a = " + String(repeating: "{a=", count: 100_000), "expected at most 100 levels"),
    (String(repeating: "a.", count: 100_000) + "a = 1", "expected at most 100 levels"),
    ("[" + String(repeating: "a.", count: 100_000) + "a]", "expected at most 100 levels"),
    ((0..<100_000).map { "a\($0).b = 1\n" }.joined(), "expected at most 10000 tables"),
    ((0..<100_000).map { "[a\($0)]\n" }.joined(), "expected at most 10000 tables"),
    ("a = " + String(repeating: "7", count: 1_000_000), "expected a value of at most 100 characters"),
    (String(repeating: "a", count: 1_000_000), "expected a dot or ="),
    ("a = \"" + String(repeating: "x", count: 17_000_000), "expected at most 16 MB, 16777216 bytes, found 17000005"),
  ]

  @Test("is limited in depth, tables and size", arguments: bombs)
  func limits(bomb: (text: String, message: String)) throws {
    let error = try #require(try Kind.runs.refusal(of: Array(bomb.text.utf8)))
    #expect(error.kind == .badData && error.message.contains(bomb.message), "\(error.message.prefix(200))")
  }

  /// 4,000 texts, or as many as `FUZZ_EXECUTIONS` says, from the number `FUZZ_SEED` on.
  @Test("is read or refused, however it is damaged", arguments: Kind.allCases)
  func damaged(kind: Kind) throws {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["FUZZ_EXECUTIONS"].flatMap(UInt64.init) ?? 1000
    let seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? 0
    let mutator = TOMLMutator(corpus: kind.examples.map { Array($0.utf8) })
    var refused: UInt64 = 0
    for number in seed..<(seed + count) {
      if count > 10_000, number % 10_000 == 0 { print("fuzz \(kind) \(number)") }
      let error = try kind.refusal(of: mutator.text(number))
      guard let error else { continue }
      refused += 1
      #expect(error.message.contains("x.toml: ") && !error.message.contains("\n"), "\(number): \(error)")
    }
    if count > 10_000 { print("fuzz \(kind): \(count) executions, \(refused) refused") }
    #expect(refused > count / 2)
    for text in kind.examples { #expect(try kind.refusal(of: Array(text.utf8)) == nil) }
  }
}
