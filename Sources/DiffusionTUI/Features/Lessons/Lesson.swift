import DiffusionCore

/// A guided tour that drives the real engine: its runs, and the texts and keys of each step.
public struct Lesson: Sendable, Equatable {
  /// The name for `diffusion-tui lesson`: the file name without its extension.
  public let name: String
  /// The heading.
  public let title: String
  /// What the lesson shows, in one line.
  public let summary: String
  /// Its position in the list; ties are sorted by name.
  public let order: Int
  /// The built-in model of its runs: claims are tested with it.
  package let model: ModelReference
  /// The runs side by side, 1 to ``State/maximumPanes``.
  package let runs: [LessonRun]
  /// How the cursors are linked at the start.
  package let link: CursorLink
  /// The scale of differences at the start.
  package let differenceScale: DifferenceScale
  /// The steps, in order: at least one, and only the last has no keys.
  package let steps: [LessonStep]

  /// Whether a step asks for another tensor of the step, so that the tabs must be visible.
  package var teachesViews: Bool {
    steps.contains { $0.keys.contains { KeyMap.standard.action(for: $0) == .display(.cycleView) } }
  }
}

/// One text of a lesson, and the keys that lead to the next.
package struct LessonStep: Sendable, Equatable {
  /// The text; short, in plain words.
  package let paragraphs: [String]
  /// The text where another device stands in for that of a run; nil for the same text.
  let standInParagraphs: [String]?
  /// The default keys (``KeyMap/standard``) to press to continue; none in the last step.
  package let keys: [Key]
  /// The claims of the text about the engine's results. They hold when the step is reached by the lesson's own keys.
  package let checks: [LessonCheck]

  /// The step as it is where another device stands in for that of a run.
  var standingIn: LessonStep {
    LessonStep(paragraphs: standInParagraphs ?? paragraphs, standInParagraphs: nil, keys: keys, checks: checks)
  }
}

/// The settings of one of a lesson's runs; those it does not give have the defaults of the command line.
package struct LessonRun: Sendable, Equatable {
  /// The settings given in the lesson.
  let values: SettingValues
  /// The device that stands in where this machine lacks the run's; nil for none.
  let standIn: String?

  /// The settings that a run may give. The model is not among them: it is the lesson's.
  static let settings = Setting.ofRunSettings

  /// The maximum number of steps, whatever the model, and of images in a lesson.
  static let limits = SettingLimits(steps: 1000, images: PaneLimit.images)

  /// The complete settings.
  ///
  /// - Parameters:
  ///   - standard: The settings that provide the device, threads and multiprocessors.
  ///   - maximumSteps: The maximum number of steps of the model.
  /// - Returns: The settings, and whether another device stands in for the lesson's.
  /// - Throws: `DiffusionError` that names what this model or machine does not support.
  package func settings(
    like standard: RunSettings, maximumSteps: Int
  ) throws -> (settings: RunSettings, standsIn: Bool) {
    do {
      return (try settings(values, like: standard, maximumSteps), false)
    } catch let error as DiffusionError where error.kind == .unavailable {
      guard let standIn else { throw error }
      return (try settings(values.on(standIn), like: standard, maximumSteps), true)
    }
  }

  private func settings(
    _ values: SettingValues, like standard: RunSettings, _ maximumSteps: Int
  ) throws -> RunSettings {
    var request = RunRequest(
      settings: RunSettings(
        device: standard.device, multiprocessors: standard.multiprocessors,
        threadsPerMultiprocessor: standard.threadsPerMultiprocessor, gpuModel: standard.gpuModel,
        threads: standard.threads))
    var limits = Self.limits
    limits.steps = maximumSteps
    try values.assign(to: &request, among: Self.settings, limits: limits)
    // A default, where the lesson gives no value, may exceed what the model allows.
    try Setting.steps.validate(request, limits: limits)
    return try request.settings.resolved()
  }
}

/// Parsing a lesson's tables of runs.
extension LessonParser {
  /// Parses one of `[[runs]]`.
  func run(_ table: LessonTable) throws -> LessonRun {
    var values = SettingValues()
    let standIn = try table.optionalText("stand-in", such: "cpu:portable")
    do {
      for key in table.keys where key != "stand-in" {
        guard let value = table.value(key), try values.add(value, under: key, among: LessonRun.settings) else {
          try table.refuseUnknown(but: Setting.keys(of: LessonRun.settings) + ["stand-in"])
          continue
        }
      }
      // A setting that is invalid on any machine is an error of the file; one that this machine lacks is reported when
      // the lesson begins.
      var request = RunRequest(settings: RunSettings(threads: 1))
      // A driver is asked for its devices when the lesson begins, not for the list.
      try (standIn.map(values.on) ?? values).assign(
        to: &request, among: LessonRun.settings, limits: LessonRun.limits)
    } catch let error as DiffusionError where error.kind == .usage {
      throw error.setting.map { table.error($0) } ?? table.error(error.message)
    } catch let error as DiffusionError where error.kind == .unavailable {}
    return LessonRun(values: values, standIn: standIn)
  }
}

extension SettingValues {
  /// The values with another device.
  fileprivate func on(_ device: String) -> SettingValues {
    var values = self
    values[.device] = .text(device)
    return values
  }
}
