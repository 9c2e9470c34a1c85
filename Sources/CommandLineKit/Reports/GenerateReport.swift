import DiffusionCore
import DiffusionTUI

/// The result of `generate`, as printed.
public struct GenerateReport: Encodable, Sendable, Equatable {
  let model: String
  let settings: SettingsReport
  let engine: EngineReport
  let timesteps: [Float]
  let steps: [StepReport]
  let images: ImagesReport
  /// The sum of |image|, in binary64.
  let absSum: Double
  /// The files about the steps: contact sheets, animations, a table, a receipt; left out if there are none.
  let exports: [String]?
  /// The short name of the model's own scheduler where another one replaces it by default.
  let ownScheduler: String?

  private enum CodingKeys: String, CodingKey {
    case model, settings, engine, timesteps, steps, images, exports
    case absSum = "abs_sum"
    case ownScheduler = "own_scheduler"
  }

  /// The report as one JSON object.
  public func json() throws -> PrintedText { try JSONReport.text(self) }

  /// The report as tables.
  public var table: PrintedText {
    let run = settings.settings
    let seeds = run.seeds.map(\.description).joined(separator: ",")
    let noise = run.generatorDevice == .cuda ? "cuda, \(run.multiprocessors) multiprocessors" : "cpu"
    var facts = [
      ("model", model),
      (run.seeds.count == 1 ? "seed" : "seeds", seeds),
      ("steps", "\(steps.count)"),
      ("scheduler", schedulerText),
      ("device", engine.text(device: run.device.description)),
      ("noise", noise),
    ]
    if run.weights != .float32 { facts.append(("weights", run.weights.rawValue)) }
    if run.selection.call > 1 { facts.append(("call", "\(run.selection.call) of the generator")) }
    if let image = run.selection.image { facts.append(("image", "\(image) of \(run.batchSize)")) }
    if let variation = run.variation {
      facts.append(("variation", "seed \(variation.seed), strength \(variation.strength)"))
    }
    if run.useClippedModelOutput { facts.append(("noise of a step", "from the clipped x_0")) }
    let result = TextTable(facts: [
      ("images", "\(images.shape) float32 in [0, 1]"),
      ("sha256", images.sha256),
      ("np.abs(image).sum()", FixedDecimal.text(absSum, digits: 4)),
    ])
    let files = (images.files + (exports ?? [])).map { "wrote \($0)\n" as PrintedText }.joined()
    return "\(TextTable(facts: facts).text)\n\(stepTable.text)\(alarm)\n\(result.text)\(files)"
  }

  /// The scheduler, its eta if it has one, and the model's own scheduler if it was replaced by default.
  private var schedulerText: String {
    let run = settings.settings
    let takesEta = (try? SchedulerClass(named: settings.scheduler))?.stepOptions.contains("eta") ?? false
    let options = run.schedulerOptions.isEmpty ? "" : ", \(SettingValue.table(run.schedulerOptions).text)"
    let own = ownScheduler.map { " (the model's own is \($0): --scheduler \($0))" } ?? ""
    return settings.scheduler + (takesEta ? ", eta \(run.eta)" : "") + options + own
  }

  /// A line about the first step that is not finite; empty if there is none.
  private var alarm: PrintedText {
    guard let step = steps.first(where: { $0.nonFinite != nil }), let found = step.nonFinite else { return "" }
    return "step \(step.index) is not finite: \(found.text)\n"
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

/// The images of a run in JSON.
public struct ImagesReport: Encodable, Sendable, Equatable {
  /// `[batch, height, width, channels]`.
  let shape: [Int]
  /// SHA-256 of the float32 elements, little endian.
  let sha256: String
  /// The paths of the files.
  let files: [String]
}
