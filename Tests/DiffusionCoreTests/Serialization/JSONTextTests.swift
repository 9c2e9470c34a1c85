import DiffusionCore
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

  @Test(arguments: [
    ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer to the file"),
    ("\u{FEFF}\n <!DOCTYPE html><html>", "a web page"),
  ])
  func whatStandsInItsPlaceIsNamed(text: String, kind: String) throws {
    let error = try #require(throws: DiffusionError.self) {
      try JSONText.decode([String: Int].self, from: Array(text.utf8), source: "m/config.json")
    }
    #expect(error.message.hasPrefix("m/config.json: not valid JSON: line "))
    #expect(error.message.contains("; it is \(kind)"))
  }

  @Test(arguments: ["\u{1}\u{2}<html>", "x <html>", "", "version 1"])
  func whatIsNotToldIsNotNamed(text: String) throws {
    let error = try #require(throws: DiffusionError.self) {
      try JSONText.decode([String: Int].self, from: Array(text.utf8), source: "m/config.json")
    }
    #expect(error.message.hasPrefix("m/config.json: not valid JSON: line ") && !error.message.contains("it is"))
  }

  @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
  func nestingThatIsTooDeepIsRefused(start: String, end: String) {
    func text(_ depth: Int) -> [UInt8] {
      let inner = start == "[" ? "" : "1"
      return Array((String(repeating: start, count: depth) + inner + String(repeating: end, count: depth)).utf8)
    }
    #expect(JSONText.fault(in: text(512)) == nil)
    for depth in [513, 100_000] {
      let place = "line 1, column \(512 * start.count + 1): expected at most 512 levels, found '\(start.prefix(1))'"
      #expect(throws: DiffusionError(.badData, "f: not valid JSON: \(place)")) {
        try JSONText.decode([String].self, from: text(depth), source: "f")
      }
    }
  }

  /// What Python 3.13's json reads.
  @Test(arguments: [
    ("NaN", Double.nan), ("Infinity", .infinity), ("-Infinity", -.infinity), ("1e400", .infinity),
    ("-1e400", -.infinity),
    ("1e-400", 0), ("-0.0", -0.0), ("123456789012345678901234567890123456789012", 1.2345678901234568e41),
    ("0.1", 0.1), ("5e-324", .leastNonzeroMagnitude), ("-0", -0.0),
  ])
  func takesPythonsNumbers(text: String, number: Double) throws {
    let found = try JSONText.decode(Double.self, from: Array(text.utf8), source: "f")
    #expect(found.bitPattern == number.bitPattern || found.isNaN && number.isNaN)
    let listed = try JSONText.decode([String: [SettingValue]].self, from: Array("{\"a\": [\(text)]}".utf8), source: "f")
    #expect(listed["a"]?.first?.text == SettingValue(number: number).text)
  }

  @Test(arguments: ["nan", "inf", "+Infinity", "-NaN", "Infinit", "--Infinity", "-infinity", "1.e5", ".5", "+1"])
  func refusesWhatPythonRefuses(text: String) { #expect(JSONText.fault(in: Array(text.utf8)) != nil) }

  @Test func theLastOfRepeatedKeysCounts() throws {
    let text = Array("{\"a\": 1, \"b\": {\"c\": 1,\n \"\\u0063\": 2}, \"a\": 3, \"a\": [4]}".utf8)
    let found = try JSONText.decode([String: SettingValue].self, from: text, source: "f")
    #expect(found == ["a": .list([.integer(4)]), "b": .table(["c": .integer(2)])])
    #expect(
      JSONText.warnings(about: text, source: "f") == [
        "f: line 2, column 2: key 'c' occurs again: the last one counts",
        "f: line 2, column 16: key 'a' occurs again: the last one counts",
        "f: line 2, column 24: key 'a' occurs again: the last one counts",
      ])
    #expect(JSONText.warnings(about: Array("{\"a\": {\"a\": 1}, \"b\": {\"a\": 1}}".utf8), source: "f").isEmpty)
  }

  @Test(arguments: [
    (#""\u00e9\n\"\\\/\b\f\r\t""#, "\u{E9}\n\"\\/\u{8}\u{C}\r\t"), (#""\ud83d\ude00""#, "\u{1F600}"),
    ("\"\u{1F600}\\u0000\"", "\u{1F600}\u{0}"), ("\"\"", ""),
  ])
  func decodesStrings(text: String, string: String) throws {
    #expect(try JSONText.decode(String.self, from: Array(text.utf8), source: "f") == string)
  }

  @Test(arguments: [#""\ud83d""#, #""\ude00""#, #""\ud83d\u0041""#])
  func refusesHalfASurrogatePair(text: String) {
    #expect(
      JSONText.fault(in: Array(text.utf8)) == "line 1, column 2: expected both halves of a surrogate pair, found '\\'")
  }

  /// Swift's strings hold the two for one, Python's do not: to keep either would lose the other without a word.
  @Test func refusesAKeyInTwoFormsOfUnicode() throws {
    let text = "{\"cafe\u{301}\": 1,\n \"caf\u{E9}\": 2}"
    #expect(
      JSONText.fault(in: Array(text.utf8))
        == "line 2, column 3: expected a key that differs from earlier ones in more than its Unicode form, found 'caf'")
    #expect(JSONText.fault(in: Array(#"{"a": {"\u00e9": 1}, "b": {"e\u0301": 2}}"#.utf8)) == nil)
  }

  /// Millions of open brackets would take a hundred bytes each.
  @Test(arguments: ["[", "{\"a\":"])
  func stopsWhereTooManyLevelsAreOpen(bracket: String) {
    let fault = JSONText.fault(in: Array(String(repeating: bracket, count: 300_000).utf8))
    let place = "line 1, column \(512 * bracket.count + 1)"
    #expect(fault == "\(place): expected at most 512 levels, found '\(bracket.prefix(1))'")
  }

  @Test(arguments: [
    #"{"error": "Repository not found"}"#, #"{"message": "Repository not found", "documentation_url": "u"}"#,
    #"{"detail": "Repository not found"}"#,
  ])
  func namesAServersError(text: String) throws {
    let error = try #require(throws: DiffusionError.self) { try ConfigurationReader(json: text.utf8, file: "f") }
    #expect(error.message == "f: a server's error message, 'Repository not found': download the file again")
  }

  @Test func namesAZipArchive() throws {
    let error = try #require(throws: DiffusionError.self) {
      try ConfigurationReader(json: Array("PK\u{3}\u{4}".utf8), file: "f")
    }
    #expect(error.message.hasSuffix("found 'PK'; it is a zip archive: unpack it"), "\(error)")
  }

  @Test func refusesWhatIsNotUTF8() {
    #expect(JSONText.fault(in: [0x22, 0xFF, 0x22]) == "line 1, column 2: expected text in UTF-8, found the byte 0xFF")
    let text = Array("{\"\\u00e9\u{E9}\":\n \"a\u{1F600}".utf8) + [0xF0, 0x9F, 0x22]
    #expect(JSONText.fault(in: text) == "line 2, column 5: expected text in UTF-8, found the byte 0xF0")
    // Half of a character at the end of what is looked at is none.
    #expect(JSONText.fault(in: Array("\u{E9}\u{4F60}".utf8)) == "line 1, column 1: expected a value, found '\u{E9}'")
  }

  @Test func keepsEveryOtherFault() throws {
    struct Both: Decodable, Equatable {
      let whole: Int?, list: [Float], nested: [String: Bool]
    }
    let text = #"{"whole": null, "list": [1, 2.5], "nested": {"a": true}}"#
    #expect(
      try JSONText.decode(Both.self, from: Array(text.utf8), source: "f")
        == Both(whole: nil, list: [1, 2.5], nested: ["a": true]))
    for (old, new, message) in [
      ("2.5", "\"x\"", "f: \"list\" > [1] is not of the expected type"), ("true", "1", "f: \"nested\" > \"a\""),
      ("null", "1.5", "f: \"whole\" has a value that cannot be read"),
      ("\"list\"", "\"lists\"", "f: \"list\" is missing"),
      ("[1, 2.5]", "{}", "f: \"list\" is not an array"),
    ] {
      let error = #expect(throws: DiffusionError.self) {
        try JSONText.decode(Both.self, from: Array(text.replacing(old, with: new).utf8), source: "f")
      }
      #expect(error?.message.hasPrefix(message) == true, "\(String(describing: error))")
    }
  }
}
