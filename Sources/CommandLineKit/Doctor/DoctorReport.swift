import DiffusionTUI

/// The findings of `doctor`.
public struct DoctorReport: Encodable, Sendable, Equatable {
  /// A location in the file system.
  struct Place: Encodable, Sendable, Equatable {
    let name: String
    let path: String?
    /// `there`, `not there`, or `unknown` without a home folder.
    let state: String
  }

  /// The terminal, as far as it is known without taking its screen.
  struct Terminal: Encodable, Sendable, Equatable {
    let term: String?
    let inputIsTerminal, outputIsTerminal: Bool
    let columns, rows: Int?
    let locale: String?
    let isUTF8, isLocaleInstalled: Bool
    let colorTier: String
    let colorReason: String

    private enum CodingKeys: String, CodingKey {
      case term, columns, rows, locale
      case inputIsTerminal = "input_is_terminal"
      case outputIsTerminal = "output_is_terminal"
      case isUTF8 = "utf8"
      case isLocaleInstalled = "locale_installed"
      case colorTier = "color_tier"
      case colorReason = "color_reason"
    }

    /// What the locale lets a terminal show.
    var characters: String {
      switch (isLocaleInstalled, isUTF8) {
      case (true, true): "UTF-8"
      case (true, false): "not UTF-8"
      case (false, true): "not installed on this system: C.UTF-8 in its place"
      case (false, false): "not installed on this system: ASCII"
      }
    }
  }

  /// An image renderer or a device, and why it is missing.
  struct Capability: Encodable, Sendable, Equatable {
    let name: String
    let isAvailable: Bool
    /// Why it is missing; for an available device, its instruction set, what a driver says of it, or
    /// what it demonstrates.
    let detail: String

    private enum CodingKeys: String, CodingKey {
      case name, detail
      case isAvailable = "available"
    }
  }

  /// The processor.
  struct Processor: Encodable, Sendable, Equatable {
    let model: String
    let features: [String]
    let missingFeatures: [String]
    let threads: Int

    private enum CodingKeys: String, CodingKey {
      case model, features, threads
      case missingFeatures = "missing_features"
    }
  }

  /// A condition that the program depends on.
  struct Check: Encodable, Sendable, Equatable {
    let name: String
    let isPassed: Bool
    let detail: String

    private enum CodingKeys: String, CodingKey {
      case name, detail
      case isPassed = "ok"
    }
  }

  let version: String
  let engineVersion: String
  let paths: [Place]
  let terminal: Terminal
  let renderers: [Capability]
  let processor: Processor
  let devices: [Capability]
  let checks: [Check]
  /// Whether every check passed.
  public let isWell: Bool

  private enum CodingKeys: String, CodingKey {
    case version, paths, terminal, renderers, processor, devices, checks
    case engineVersion = "engine_version"
    case isWell = "ok"
  }

  init(
    paths: [Place], terminal: Terminal, renderers: [Capability], processor: Processor, devices: [Capability],
    checks: [Check], engineVersion: String
  ) {
    version = ProgramVersion.current
    self.engineVersion = engineVersion
    self.paths = paths
    self.terminal = terminal
    self.renderers = renderers
    self.processor = processor
    self.devices = devices
    self.checks = checks
    isWell = checks.allSatisfy(\.isPassed)
  }

  /// The report as one JSON object.
  public func json() throws -> PrintedText { try JSONReport.text(self) }
}

extension DoctorReport {
  /// The report as tables.
  public var table: PrintedText {
    let size = terminal.columns.flatMap { columns in terminal.rows.map { "\(columns)x\($0)" } } ?? "unknown"
    let sections: [(String, [(String, String)])] = [
      ("diffusion-tui", [("version", version), ("engine", engineVersion)]),
      ("Paths", paths.map { ($0.name, "\($0.path ?? "unknown: HOME is not set") (\($0.state))") }),
      (
        "Terminal",
        [
          ("TERM", terminal.term ?? "not set"), ("input", Self.terminal(terminal.inputIsTerminal)),
          ("output", Self.terminal(terminal.outputIsTerminal)), ("size", size),
          ("locale", "\(terminal.locale ?? "not set") (\(terminal.characters))"),
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
      "\(heading)\n\(TextTable(facts: facts.map { ("  " + $0.0, $0.1) }).text)" as PrintedText
    }.joined(separator: "\n")
  }

  private static func terminal(_ isOne: Bool) -> String { isOne ? "a terminal" : "no terminal" }

  private static func fact(_ capability: Capability) -> (String, String) {
    let state = capability.isAvailable ? "yes" : "no"
    return (capability.name, capability.detail.isEmpty ? state : "\(state): \(capability.detail)")
  }
}
