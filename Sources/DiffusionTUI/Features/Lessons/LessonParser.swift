import DiffusionCore
import TOMLKit

/// A parser of a lesson's TOML: `title`, `summary`, `order`, `model`, `link`,
/// `difference-scale`, a table `[[runs]]` for each run, and a table `[[steps]]` for each text, with `text`, `keys` and
/// `checks`; see ``LessonRun`` and ``LessonCheck`` for their
/// contents.
package struct LessonParser {
  /// The lesson's name.
  package let name: String
  /// The file name, for error messages.
  package let path: String

  /// Creates a parser for a file.
  package init(name: String, path: String) {
    self.name = name
    self.path = path
  }

  /// Parses a lesson.
  ///
  /// - Throws: `DiffusionError` (`badData`) that names the file and either the line of the TOML error, or the invalid
  ///   key and value with what was expected.
  package func parse(_ text: String) throws -> Lesson {
    let table = LessonTable(table: try TOMLTable(parsing: text, file: "lesson \(path)"), prefix: "", path: path)
    try table.refuseUnknown(but: ["title", "summary", "order", "model", "link", "difference-scale", "runs", "steps"])
    let runs = try table.subtables("runs").map(run)
    guard (1...PaneLimit.panes).contains(runs.count) else {
      throw table.error("runs", "has \(runs.count) entries: expected 1 to \(PaneLimit.panes)")
    }
    let parts = try table.subtables("steps")
    guard !parts.isEmpty else { throw table.error("steps", "is missing: expected at least one") }
    return Lesson(
      name: name, title: try table.text("title", such: "What a step does"),
      summary: try table.text("summary", such: "One line for the list"),
      order: try table.integer("order", in: 1...1000, else: 1000), model: try model(table), runs: runs,
      link: try link(table) ?? .step,
      differenceScale: try differenceScale(table),
      steps: try parts.enumerated().map { try step($1, isLast: $0 == parts.count - 1) })
  }

  private func step(_ table: LessonTable, isLast: Bool) throws -> LessonStep {
    try table.refuseUnknown(but: ["text", "stand-in-text", "keys", "checks"])
    let text = try table.text("text", such: "What is seen now")
    let keys = try table.texts("keys").map { word in
      guard let key = Key(named: word) else {
        throw table.error("keys", "has \"\(word)\", which is no key: expected \(Key.spellings)")
      }
      return key
    }
    guard isLast == keys.isEmpty else {
      throw table.error("keys", isLast ? "leads to no step: expected none" : "is missing: expected what leads on")
    }
    return LessonStep(
      paragraphs: Self.paragraphs(text),
      standInParagraphs: try table.optionalText("stand-in-text", such: "This machine has no OpenCL device")
        .map(Self.paragraphs),
      keys: keys,
      checks: try table.subtables("checks").map { try LessonCheck(parsing: $0) })
  }

  /// Splits a text at empty lines and joins the lines of each part: with a space, except between wide characters, whose
  /// scripts do not use spaces.
  private static func paragraphs(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.split { $0.allSatisfy(\.isWhitespace) }.map { part in
      part.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }.reduce("") { text, line in
        guard let last = text.last, let first = line.first else { return text + line }
        return text + (last.isWide && first.isWide ? "" : " ") + line
      }
    }
  }

  private func differenceScale(_ table: LessonTable) throws -> DifferenceScale {
    let name = "difference-scale", all = DifferenceScale.allCases
    guard table.has(name) else { return DifferenceScale() }
    let value = try table.number(name, in: 0...1)
    if let scale = all.first(where: { $0.limit == value }) { return scale }
    throw table.error(name, "\(table.found(name)): expected one of \(all.map(\.label).joined(separator: ", "))")
  }

  private func model(_ table: LessonTable) throws -> ModelReference {
    let models = ModelReference.builtInNames.map { ModelReference($0) }
    return try table.choice("model", among: models, default: .demo, name: \.name) ?? .demo
  }

  private func link(_ table: LessonTable) throws -> CursorLink? {
    try table.choice("link", among: CursorLink.allCases, default: nil) { $0.rawValue }
  }
}

extension LessonTable {
  /// One of some values, by its name; the default if the key is missing.
  func choice<Value>(
    _ key: String, among values: [Value], default standard: Value?, name: (Value) -> String
  ) throws -> Value? {
    guard has(key) else { return standard }
    if let text = table[key]?.string, let value = values.first(where: { name($0) == text }) { return value }
    throw error(key, "\(found(key)): expected one of \(values.map(name).joined(separator: ", "))")
  }
}
