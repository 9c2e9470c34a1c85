extension DoctorReport {
  /// The report as tables.
  public var table: String {
    let size = terminal.columns.flatMap { columns in terminal.rows.map { "\(columns)x\($0)" } } ?? "unknown"
    let sections: [(String, [(String, String)])] = [
      ("diffusion-tui", [("version", version), ("engine", engineVersion)]),
      ("Paths", paths.map { ($0.name, "\($0.path ?? "unknown: HOME is not set") (\($0.state))") }),
      (
        "Terminal",
        [
          ("TERM", terminal.term ?? "not set"), ("input", Self.terminal(terminal.inputIsTerminal)),
          ("output", Self.terminal(terminal.outputIsTerminal)), ("size", size),
          ("locale", "\(terminal.locale ?? "not set") (\(terminal.isUTF8 ? "UTF-8" : "not UTF-8"))"),
          ("colours", "\(terminal.colorTier) (\(terminal.colorReason))"),
        ]
      ),
      ("Renderers", renderers.map(Self.fact)),
      (
        "Processor",
        [
          ("model", processor.model), ("features", processor.features.joined(separator: " ")),
          ("missing", processor.missingFeatures.isEmpty ? "none" : processor.missingFeatures.joined(separator: " ")),
          ("threads", "\(processor.threads)"),
        ]
      ),
      ("Devices", devices.map(Self.fact)),
      (
        "Checks",
        checks.map { ($0.name, ($0.isPassed ? "ok" : "FAILED") + ($0.detail.isEmpty ? "" : ": \($0.detail)")) }
      ),
    ]
    return sections.map { heading, facts in
      heading + "\n" + TextTable(facts: facts.map { ("  " + $0.0, $0.1) }).text
    }.joined(separator: "\n")
  }

  private static func terminal(_ isOne: Bool) -> String { isOne ? "a terminal" : "no terminal" }

  private static func fact(_ capability: Capability) -> (String, String) {
    let state = capability.isAvailable ? "yes" : "no"
    return (capability.name, capability.detail.isEmpty ? state : "\(state): \(capability.detail)")
  }
}
