import DiffusionCore
import DiffusionTUI

/// The result of `generate`, as printed.
public struct GenerateReport: Encodable, Sendable, Equatable {
  let heading: GenerateHeading
  let timesteps: [Float]
  let steps: [StepReport]
  let images: ImagesReport
  /// The last sample of a run of latents; nil if it is the images.
  var latents: LatentsReport?
  /// The files about the steps: contact sheets, animations, a table, a receipt; left out if there are none.
  let exports: [String]?

  private enum CodingKeys: String, CodingKey {
    case model, settings, engine, timesteps, steps, images, exports, picture, prompts, classes, latents
    case absSum = "abs_sum"
    case ownScheduler = "own_scheduler"
  }

  /// Encodes everything in one object.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(heading.model, forKey: .model)
    try container.encode(heading.settings, forKey: .settings)
    try container.encode(heading.engine, forKey: .engine)
    try container.encode(timesteps, forKey: .timesteps)
    try container.encode(steps, forKey: .steps)
    try container.encode(images, forKey: .images)
    try container.encode(images.absSum, forKey: .absSum)
    try container.encodeIfPresent(exports, forKey: .exports)
    try container.encodeIfPresent(heading.ownScheduler, forKey: .ownScheduler)
    try container.encodeIfPresent(heading.picture, forKey: .picture)
    try container.encodeIfPresent(latents, forKey: .latents)
    if !heading.prompts.isEmpty { try container.encode(heading.prompts, forKey: .prompts) }
    if !heading.classes.isEmpty { try container.encode(heading.classes, forKey: .classes) }
  }

  /// The report as one JSON object.
  public func json() throws -> PrintedText { try JSONReport.text(self) }

  /// The report as tables: what was known before the first step, a line for each step, and the result.
  public var table: PrintedText {
    let lines = steps.enumerated().map { StepLines.lines($1, after: $0 > 0 ? steps[$0 - 1] : nil) }
    return ([heading.text, StepLines.heading(latents: latents != nil)] + lines + [result]).joined()
  }

  /// The result, below the lines of the steps.
  var result: PrintedText {
    let files = (images.files + (exports ?? [])).map { "wrote \($0)\n" as PrintedText }.joined()
    return "\(alarm)\n\(images.text(latents: latents))\(files)"
  }

  /// A line about the first step that is not finite, or else about the decoder; empty if all is finite.
  private var alarm: PrintedText {
    if let step = steps.first(where: { $0.nonFinite != nil }), let found = step.nonFinite {
      return "step \(step.index) (timestep \(step.timestep.wholeText)) is not finite: \(found.text)\n"
    }
    return images.nonFinite.map { "the decoding is not finite: \($0.text)\n" } ?? ""
  }

  /// The error for images with a NaN or an infinity; nil if all are finite.
  public var nonFiniteImages: NonFiniteImages? {
    let count = images.nanCount + images.infinityCount
    guard count > 0 else { return nil }
    let size = images.shape.reduce(1, *)
    let decoder = images.nonFinite.map { "; it began in the decoding, \($0.text)" }
    let first = steps.first { $0.nonFinite != nil }.flatMap { step in
      step.nonFinite.map { "; it began in step \(step.index) (timestep \(step.timestep.wholeText)), \($0.text)" }
    }
    return NonFiniteImages(
      message: "\(images.each.count == 1 ? "the image is" : "the images are") not finite: \(count) of \(size) values "
        + "are NaN or infinite" + (first ?? decoder ?? ""))
  }
}

/// The error for images that are not finite.
public struct NonFiniteImages: Error, Equatable {
  /// What is not finite, and where it began.
  let message: String
}

/// What is known of a run before its first step.
public struct GenerateHeading: Sendable, Equatable {
  let model: String
  let settings: SettingsReport
  let engine: EngineReport
  /// The number of steps.
  let steps: Int
  /// The short name of the model's own scheduler where another one replaces it by default.
  let ownScheduler: String?
  /// The picture that the run starts from; nil for noise alone.
  let picture: PictureRecord?
  /// The prompts as the tokenizer cut them; empty for a model that takes none.
  var prompts: [PromptReport] = []
  /// The class of each image; empty for a model without classes.
  var classes: [ClassReport] = []

  /// Creates the heading of a run's report.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - model: The display name of its model.
  ///   - engine: The engine, its device and its threads.
  init(of run: some SteppableRun, model: String, engine: EngineReport) {
    (self.model, self.engine) = (model, engine)
    settings = SettingsReport(settings: run.settings, scheduler: run.schedulerRecord.name)
    (steps, ownScheduler, picture) = (run.schedule.count, run.exchangedScheduler, run.picture)
    prompts = run.tokenizedPrompts.map(PromptReport.init)
    classes = run.imageClasses.map(ClassReport.init)
  }

  /// The lines above the table of steps, and an empty one.
  var text: PrintedText {
    let run = settings.settings
    let seeds = run.seeds.map(\.description).joined(separator: ",")
    let noise = run.generatorDevice == .cuda ? "cuda, \(run.cardText)" : "cpu"
    var facts =
      [("model", model)] + promptFacts + classFacts + [
        (run.seeds.count == 1 ? "seed" : "seeds", seeds),
        ("steps", "\(steps)"),
        ("scheduler", schedulerText),
        ("device", engine.text(device: run.device.description)),
        ("noise", noise),
      ]
    if run.weights != .float32 { facts.append(("weights", run.weights.rawValue)) }
    if run.selection.call > 1 { facts.append(("call", "\(run.selection.call) of the generator")) }
    if let image = run.selection.image { facts.append(("image", "\(image) of \(run.batchSize)")) }
    if let variation = run.variation {
      facts.append(("variation", "seed \(variation.seed), strength \(SettingValue(number: variation.strength).text)"))
    }
    if let picture {
      let strength = SettingValue(number: run.strength).text
      // A branch has a schedule of its own.
      let ways = run.invert ? ", to its noise and back" : ""
      facts.append(("picture", "\(picture.name), strength \(strength)\(ways)\(run.branches.isEmpty ? share : "")"))
      facts.append(("picture sha256", picture.sha256))
    }
    if run.useClippedModelOutput { facts.append(("noise of a step", "from the clipped x_0")) }
    facts += otherFacts
    facts += run.branchesInWords.map { ("after step \($0.step)", $0.words.isEmpty ? "a branch" : $0.words) }
    return "\(TextTable(facts: facts, columns: 80).text)\n"
  }

  /// The steps that a picture's strength leaves: `: 2 steps of 4`. A scheduler may take more than those asked for.
  private var share: String {
    let all = settings.settings.steps * (settings.settings.invert ? 2 : 1)
    return ": \(steps) step\(steps == 1 ? "" : "s")" + (steps < all ? " of \(all)" : "")
  }

  /// Settings that are not usual and that no other line names.
  private var otherFacts: [(String, String)] {
    let request = RunRequest(settings: settings.settings)
    let named: Set<Setting> = [
      .model, .prompt, .negativePrompt, .promptBlend, .guidanceScale, .guidanceRescale, .classLabels, .seeds, .steps,
      .scheduler, .schedulerOptions, .eta, .device, .threads, .generatorDevice, .weights, .call, .image, .variation,
      .initImage, .strength, .invert, .useClippedModelOutput, .branches, .batchSize, .gpuModel, .multiprocessors,
      .threadsPerMultiprocessor,
    ]
    return Setting.ofRunSettings.filter { !named.contains($0) && !$0.isUsual(in: request) }
      .map { ($0.label, $0.text(of: request)) }
  }

  /// The prompts with their tokens, and how far they guide.
  private var promptFacts: [(String, String)] {
    guard !prompts.isEmpty else { return [] }
    let run = settings.settings, count = max(1, run.prompts.count), guidance = run.guidanceScale ?? 1
    let rescale = run.guidanceRescale == 0 ? "" : ", rescale \(SettingValue(number: run.guidanceRescale).text)"
    var facts: [(String, String)] = []
    for (index, prompt) in prompts.enumerated() {
      let number = count > 1 && index < count ? " \(index)" : ""
      facts += [(run.nameOfPrompt(index) + number, "\"\(prompt.prompt)\""), ("tokens", prompt.tokensText)]
    }
    if let blend = run.promptBlend { facts.append(("blend strength", SettingValue(number: blend.strength).text)) }
    return facts + [("guidance", SettingValue(number: guidance).text + rescale)]
  }

  /// The class of each image, or the one that all have, and how far it guides.
  private var classFacts: [(String, String)] {
    let isOne = classes.allSatisfy { $0 == classes.first }
    let names =
      isOne
      ? classes.prefix(1).map { ("class", $0.text) }
      : classes.enumerated().map { ("class of image \($0 + 1)", $1.text) }
    guard !names.isEmpty, prompts.isEmpty, let guidance = settings.settings.guidanceScale else { return names }
    return names + [("guidance", SettingValue(number: guidance).text)]
  }

  /// The scheduler, that of the way back from noise if there is one, its eta if it has one, and the model's own
  /// scheduler if it was replaced by default.
  private var schedulerText: String {
    let run = settings.settings
    let back = run.invert ? run.scheduler ?? ownScheduler : nil
    let takesEta = (try? SchedulerClass(named: back ?? settings.scheduler))?.stepOptions.contains("eta") ?? false
    let options = run.schedulerOptions.isEmpty ? "" : ", \(SettingValue.table(run.schedulerOptions).text)"
    let own = ownScheduler.map { " (the model's own is \($0): --scheduler \($0))" } ?? ""
    return settings.scheduler + (back.map { ", back by \($0)" } ?? "")
      + (takesEta ? ", eta \(SettingValue(number: run.eta).text)" : "") + options + own
  }
}
