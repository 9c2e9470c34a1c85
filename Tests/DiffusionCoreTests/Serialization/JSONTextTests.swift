import DiffusionCore
import FoundationEssentials
import Testing

/// An error about JSON states in one line the position, what was expected there, and what was found.
@Suite struct JSONTextTests {
  @Test(arguments: [
    ("{\n  \"a\": 1,\n}", 3, 1, "a key in double quotes", "'}'"),
    ("{\n  \"a\": 1\n  \"b\": 2\n}", 3, 3, "a comma or }", "'\"'"),
    ("[1, 2", 1, 6, "a comma or ]", "the end"), ("[1 2]", 1, 4, "a comma or ]", "'2'"),
    ("{\"a\" 1}", 1, 6, "a colon", "'1'"), ("{a: 1}", 1, 2, "a key in double quotes or }", "'a'"),
    ("[True]", 1, 2, "a value or ]", "'True'"), ("{\"a\": None}", 1, 7, "a value", "'None'"),
    ("[1] x", 1, 5, "nothing more", "'x'"), ("\"\u{E9}\u{E9}\" \u{E9}", 1, 6, "nothing more", "'\u{E9}'"),
    ("{\"a\": \"b\n\"}", 1, 9, "the double quote that ends the string", "the end of the line"),
    ("[\"\\x\"]", 1, 4, "an escape such as \\n or \\u00e9", "'x'"),
    ("[\"\\u12g4\"]", 1, 7, "four hexadecimal digits", "'g'"), ("[-]", 1, 3, "a digit", "']'"),
    ("[1.e2]", 1, 4, "a digit", "'e'"), ("[01]", 1, 3, "a comma or ]", "'1'"), ("", 1, 1, "a value", "the end"),
    ("\r\n\r\n\u{1}", 3, 1, "a value", "a control character"),
  ]) func saysWhereItBreaks(text: String, line: Int, column: Int, expected: String, found: String) {
    let place = "line \(line), column \(column): expected \(expected), found \(found)"
    #expect(JSONText.fault(in: Array(text.utf8)) == place)
  }

  @Test(arguments: [
    "{}", "[]", "0", "-1.5E+3", "\"\\u00e9\\n\"", "{\"a\": [true, false, null, {\"b\": []}], \"\": -0.0}",
    "\u{FEFF}[1]",
  ]) func takesWhatIsJSON(text: String) {
    #expect(JSONText.fault(in: Array(text.utf8)) == nil)
  }

  @Test func aTruncatedTextEndsTooEarly() {
    let text = "{\"name\": [1, -2.5e-3, \"x\\n\\u00e9\", {\"k\": []}]}"
    for count in 0..<text.utf8.count {
      let fault = JSONText.fault(in: Array(text.utf8.prefix(count)))
      #expect(fault?.hasPrefix("line 1, column \(count + 1): ") == true, "\(count)")
      #expect(fault?.hasSuffix("found the end") == true, "\(count)")
    }
  }

  @Test func anErrorNamesTheFileAndThePlace() {
    let error = DiffusionError(
      .badData, "m/config.json: not valid JSON: line 3, column 1: expected a key in double quotes or }, found 'b'")
    #expect(throws: error) {
      try JSONText.decode([String: Int].self, from: Array("{\n\nb: 1}".utf8), source: "m/config.json")
    }
  }

  /// Only the decoder refuses deep nesting; the scanner needs no stack for it.
  @Test func nestingThatIsTooDeepHasNoPlace() {
    let text = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    #expect(throws: DiffusionError(.badData, "f: not valid JSON")) {
      try JSONText.decode([String].self, from: Array(text.utf8), source: "f")
    }
  }
}
