import DiffusionCore
import DiffusionTUI

/// The models of the program and of the Hub's cache.
public struct ModelsReport: Encodable, Sendable {
  /// A model.
  struct Model: Encodable, Sendable {
    let summary: ModelSummary
    /// Whether it is part of the program.
    let isBuiltIn: Bool

    private enum CodingKeys: String, CodingKey {
      case name, commit, pipeline, scheduler, height, width, bytes, opens, reason
      case isBuiltIn = "built_in"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(summary.name, forKey: .name)
      try container.encode(summary.commit, forKey: .commit)
      try container.encode(summary.pipeline, forKey: .pipeline)
      try container.encode(summary.scheduler, forKey: .scheduler)
      try container.encode(summary.height, forKey: .height)
      try container.encode(summary.width, forKey: .width)
      try container.encode(summary.bytes, forKey: .bytes)
      try container.encode(summary.refusal == nil, forKey: .opens)
      try container.encode(summary.refusal, forKey: .reason)
      try container.encode(isBuiltIn, forKey: .isBuiltIn)
    }

    var row: [String] {
      let size = summary.height.flatMap { height in summary.width.map { "\($0)x\(height)" } }
      return [
        summary.name, summary.pipeline ?? "-", summary.scheduler ?? "-", size ?? "-",
        FixedDecimal.text(Double(summary.bytes) / 1e6, digits: 1) + " MB",
        summary.refusal.map { "no: \($0)" } ?? "yes",
      ]
    }
  }

  /// The folder of the Hub's cache.
  let cache: String
  let models: [Model]

  /// Creates a report.
  ///
  /// - Parameters:
  ///   - builtIn: The models that are part of the program.
  ///   - cached: Those of the Hub's cache.
  ///   - cache: Its folder.
  public init(builtIn: [ModelSummary], cached: [ModelSummary], cache: String) {
    models = builtIn.map { Model(summary: $0, isBuiltIn: true) } + cached.map { Model(summary: $0, isBuiltIn: false) }
    self.cache = cache
  }

  /// The report as one JSON object.
  public func json() throws -> PrintedText { try JSONReport.text(self) }

  /// The report as a table, with the folder of the cache below it.
  public var table: PrintedText {
    var table = TextTable([
      ("model", .left), ("pipeline", .left), ("scheduler", .left), ("images", .right), ("size", .right),
      ("opens", .left),
    ])
    for model in models { table.append(model.row) }
    return table.text + "\nThe Hub's cache: \(cache)\n"
  }
}
