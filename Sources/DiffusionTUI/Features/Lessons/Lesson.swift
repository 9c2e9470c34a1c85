import DiffusionCore

/// A guided tour that drives the real engine: what runs, and what to read and to press, step by step.
public struct Lesson: Sendable, Equatable {
  /// What `diffusion-tui lesson` calls it: the file's name without its ending.
  public let name: String
  /// Its heading.
  public let title: String
  /// What it shows, in one line.
  public let summary: String
  /// Its place in the list; equal ones by name.
  public let order: Int
  /// What stands side by side, 1 to ``State/maximumPanes``.
  package let runs: [LessonRun]
  /// How the cursors are linked at the start.
  package let link: CursorLink
  /// What is read and pressed, in order; at least one step, and only the last without a key.
  package let steps: [LessonStep]
}

/// One text of a lesson, and what leads to the next.
package struct LessonStep: Sendable, Equatable {
  /// What is read; short, in plain words.
  package let paragraphs: [String]
  /// What is pressed to go on, as the keys come (``KeyMap/standard``); none in the last step.
  package let keys: [Key]
  /// What the text claims of what the engine has made. Holds when the step is reached by the lesson's own keys.
  package let checks: [LessonCheck]
}

/// The settings of one of a lesson's runs; what it does not name is as the command line has it.
package struct LessonRun: Sendable, Equatable {
  /// What the lesson says.
  let values: SettingValues

  /// The settings that a lesson can say. Models are not among them: what a lesson claims is tested with the demo model.
  static let settings = Setting.ofRunSettings

  /// The most steps, whatever the model, and the most images that a lesson can ask for.
  static let limits = SettingLimits(steps: 1000, images: PaneLimit.images)

  /// The whole settings.
  ///
  /// - Parameters:
  ///   - standard: Whose device, threads and multiprocessors are the explorer's own.
  ///   - maximumSteps: The most steps that the model takes.
  /// - Throws: `DiffusionError` that names what this model or machine does not have.
  package func settings(like standard: RunSettings, maximumSteps: Int) throws -> RunSettings {
    var request = RunRequest(
      settings: RunSettings(
        device: standard.device, multiprocessors: standard.multiprocessors, threads: standard.threads))
    var limits = Self.limits
    limits.steps = maximumSteps
    try values.assign(to: &request, among: Self.settings, limits: limits)
    // What stands where the lesson says nothing may be more than the model takes.
    try Setting.steps.validate(request, limits: limits)
    return try request.settings.resolved()
  }
}

/// A lesson's tables of runs.
extension LessonParser {
  /// Reads one of `[[runs]]`.
  func run(_ table: LessonTable) throws -> LessonRun {
    var values = SettingValues()
    do {
      for key in table.keys {
        guard let value = table.value(key), try values.add(value, under: key, among: LessonRun.settings) else {
          try table.refuseUnknown(but: Setting.keys(of: LessonRun.settings))
          continue
        }
      }
      // What is wrong anywhere is wrong in the file; what this machine lacks shows when the lesson begins.
      var request = RunRequest(settings: RunSettings(threads: 1))
      try values.assign(to: &request, among: LessonRun.settings, limits: LessonRun.limits)
    } catch let error as DiffusionError where error.kind == .usage {
      throw error.setting.map { table.error($0) } ?? table.error(error.message)
    } catch let error as DiffusionError where error.kind == .unavailable {}
    return LessonRun(values: values)
  }
}
