import DiffusionCore

/// What `generate` did, as it prints it.
public struct GenerateReport: Encodable, Sendable, Equatable {
  let model: String
  let settings: SettingsReport
  let engine: EngineReport
  let timesteps: [Float]
  let steps: [StepReport]
  let images: ImagesReport
  /// The sum of |image|, in binary64.
  let absSum: Double
  /// The files that tell of the steps: contact sheets, animations, a table, a receipt; left out if there are none.
  let exports: [String]?

  private enum CodingKeys: String, CodingKey {
    case model, settings, engine, timesteps, steps, images, exports
    case absSum = "abs_sum"
  }

  /// The report as one JSON object.
  public func json() throws -> String { try JSONReport.text(self) }

  /// The report as tables.
  public var table: String {
    let seeds = settings.seeds.map { "\($0.seed)" }.joined(separator: ",")
    let noise = settings.generatorDevice == "cuda" ? "cuda, \(settings.multiprocessors) multiprocessors" : "cpu"
    var facts = [
      ("model", model),
      (settings.seeds.count == 1 ? "seed" : "seeds", seeds),
      ("steps", "\(steps.count)"),
      ("scheduler", "\(settings.scheduler), eta \(settings.eta)"),
      ("device", "\(settings.device), \(engine.isa), \(engine.threads) threads"),
      ("noise", noise),
    ]
    if settings.weights != WeightPrecision.float32.rawValue { facts.append(("weights", settings.weights)) }
    if settings.call > 1 { facts.append(("call", "\(settings.call) of the generator")) }
    if let image = settings.image { facts.append(("image", "\(image) of \(settings.batchSize)")) }
    if let variation = settings.variation { facts.append(("variation", variation.text)) }
    if settings.useClippedModelOutput { facts.append(("noise of a step", "from the clipped x_0")) }
    let result = TextTable(facts: [
      ("images", "\(images.shape) float32 in [0, 1]"),
      ("sha256", images.sha256),
      ("np.abs(image).sum()", FixedDecimal.text(absSum, digits: 4)),
    ])
    let files = (images.files + (exports ?? [])).map { "wrote \($0)\n" }.joined()
    return TextTable(facts: facts).text + "\n" + stepTable.text + alarm + "\n" + result.text + files
  }

  /// A line on the first step that is not finite; nothing if there is none.
  private var alarm: String {
    steps.lazy.compactMap { step in step.nonFinite.map { "step \(step.index) is not finite: \($0.text)\n" } }.first
      ?? ""
  }

  private var stepTable: TextTable {
    var table = TextTable([
      ("step", .right), ("timestep", .right), ("sample std", .right), ("model output std", .right),
      ("predicted mean", .right), ("predicted std", .right), ("clipped", .right), ("seconds", .right),
    ])
    for step in steps {
      table.append([
        "\(step.index)", step.timestep.wholeText, FixedDecimal.text(step.sample.std, digits: 6),
        FixedDecimal.text(step.modelOutput.std, digits: 6), FixedDecimal.text(step.predOriginalSample.mean, digits: 6),
        FixedDecimal.text(step.predOriginalSample.std, digits: 6),
        FixedDecimal.text(step.predOriginalSample.clipped * 100, digits: 1) + "%",
        FixedDecimal.text(step.seconds, digits: 3),
      ])
    }
    return table
  }
}
