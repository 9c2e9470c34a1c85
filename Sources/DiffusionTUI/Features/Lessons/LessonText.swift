/// A lesson's step as lines: its paragraphs, then the findings of its checks.
package struct LessonText: Sendable, Equatable {
  /// A line and its style.
  package struct Line: Sendable, Equatable {
    package let text: String
    package let role: ThemeRole
  }

  /// The lines.
  package let lines: [Line]

  /// The minimum columns of a finding.
  private static let findingColumns = 38

  /// - Parameters:
  ///   - step: The step to show.
  ///   - findings: The findings of its checks; empty while the engine is working.
  ///   - columns: The maximum width of a line.
  ///   - repeatKey: The key that puts everything as the step expects it.
  ///   - isSpaced: Whether to put empty lines between paragraphs and findings.
  package init(
    _ step: LessonStep, findings: [LessonFinding], columns: Int, repeatKey: String?, isSpaced: Bool, unicode: Bool
  ) {
    var parts = step.paragraphs.map { paragraph in
      TextWrap(paragraph, columns: columns).lines.map { Line(text: $0, role: .text) }
    }
    let told = findings.reduce(into: [LessonFinding]()) { told, finding in
      if finding.text != nil || !finding.holds, !told.contains(finding) { told.append(finding) }
    }
    let elsewhere = "the screen is no longer where the text is" + (repeatKey.map { ": \($0) puts it there" } ?? "")
    let shown = told.map { finding in
      let sign = unicode ? (finding.holds ? "\u{2713}" : "\u{2717}") : finding.holds ? "ok" : "no"
      return Line(text: "\(sign) \(finding.text ?? elsewhere)", role: finding.holds ? .good : .warning)
    }
    if isSpaced {
      parts.append(shown.flatMap { Self.wrapped($0, columns: columns) })
      lines = Array(parts.filter { !$0.isEmpty }.joined(separator: [Line(text: "", role: .text)]))
    } else {
      lines = parts.flatMap { $0 } + Self.rows(shown, columns: columns)
    }
  }

  /// Lays out findings side by side, as many as fit. If any claim fails, only the first that does is shown.
  private static func rows(_ findings: [Line], columns: Int) -> [Line] {
    let count = perRow(columns)
    guard findings.allSatisfy({ $0.role == .good }) else {
      return findings.first { $0.role != .good }.map { wrapped($0, columns: columns) } ?? []
    }
    guard count > 1 else { return findings.flatMap { wrapped($0, columns: columns) } }
    return stride(from: 0, to: findings.count, by: count).map { start in
      let row = findings[start..<min(findings.count, start + count)]
      return Line(text: row.map(\.text).joined(separator: "   "), role: .good)
    }
  }

  private static func wrapped(_ line: Line, columns: Int) -> [Line] {
    TextWrap(line.text, columns: columns).lines.map { Line(text: $0, role: line.role) }
  }

  private static func perRow(_ columns: Int) -> Int { max(1, columns / findingColumns) }

  /// The maximum rows of any step of a lesson, without empty lines, so that its panel keeps its size.
  package static func mostRows(of lesson: Lesson, columns: Int) -> Int {
    lesson.steps.map { step in
      let texts = [step.paragraphs, step.standInParagraphs ?? []].map { paragraphs in
        paragraphs.reduce(0) { $0 + TextWrap($1, columns: columns).lines.count }
      }
      let text = texts.max() ?? 0
      let told = step.checks.filter(\.isTold).count
      // Any page may have to say that the screen is elsewhere.
      return text + max(1, (told + perRow(columns) - 1) / perRow(columns))
    }.max() ?? 0
  }
}

extension LessonCheck {
  /// Whether to list its finding: one that the explorer shows anyway is left out.
  package var isTold: Bool {
    switch self {
    case .position, .timestep, .panes, .view, .link: false
    default: true
    }
  }
}
