import Testing

/// What a release says of itself in several files, and keeps for those after it.
@Suite("Versions") struct VersionTests {
  /// The released versions of the changelog with their dates, in its order.
  private static func released() throws -> [(version: String, date: String)] {
    try SourceTree.text(of: "CHANGELOG.md").split(separator: "\n").compactMap { line in
      line.wholeMatch(of: /## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)/).map { (String($0.1), String($0.2)) }
    }
  }

  @Test("the changelog's headings are unreleased changes, then versions from the newest on") func headings() throws {
    let headings = try SourceTree.text(of: "CHANGELOG.md").split(separator: "\n").filter { $0.hasPrefix("## ") }
    let released = try Self.released()
    #expect(headings.drop { $0 == "## Unreleased" }.map(String.init) == released.map { "## \($0) - \($1)" })
    #expect(released.map(\.date) == released.map(\.date).sorted(by: >))
    #expect(Set(released.map(\.version)).count == released.count)
  }

  @Test("the program and its citation have the newest version of the changelog") func newest() throws {
    let newest = try #require(try Self.released().first)
    let program = try SourceTree.text(of: "Sources/CommandLineKit/ProgramVersion.swift")
    #expect(program.contains("current = \"\(newest.version)\"\n"))
    let citation = try SourceTree.text(of: "CITATION.cff").split(separator: "\n")
    #expect(citation.contains("version: \(newest.version)"))
    #expect(citation.contains("date-released: \"\(newest.date)\""))
  }

  @Test("receipts of every released version are kept, and verified") func receipts() throws {
    let tests = try SourceTree.text(of: "Tests/CommandLineTests/Compatibility/FormerRunsTests.swift")
    for (version, _) in try Self.released() {
      let kept = try SourceTree.files(in: "Tests/Fixtures/\(version)/receipts", endings: ["json"])
      #expect(!kept.isEmpty && tests.contains("/\(version)\""), "\(version): see the release list in Contributing.md")
    }
  }
}
