import DiffusionCore
import TestSupport

/// A run with a formula in place of a model, and its branches.
struct BranchScene {
  var settings: RunSettings
  var shape = [1, 4, 4]

  /// A run without branches.
  init(_ scheduler: String = "ddim", steps: Int = 6, eta: Float = 0, seed: Seed = 3, batch: Int = 1) {
    settings = RunSettings(seeds: [seed], batchSize: batch, steps: steps, eta: eta, threads: 1, scheduler: scheduler)
    settings.schedulerOptions = Self.options(scheduler)
  }

  /// Options that keep the formula's numbers within binary32.
  static func options(_ scheduler: String) -> [String: SettingValue] {
    let largest = ["karras-ve": 10, "score-sde-ve": 100] as [String: Int128]
    return largest[scheduler].map { ["sigma_min": .number(0.5), "sigma_max": .integer($0)] } ?? [:]
  }

  /// The changes of a branch to another scheduler.
  static func changes(to scheduler: String) -> [String: SettingValue] {
    let options = options(scheduler)
    return ["scheduler": .text(scheduler), "scheduler_options": options.isEmpty ? .null : .table(options)]
  }

  /// The same run with another branch.
  func branched(at step: Int, _ changes: [String: SettingValue] = [:]) -> BranchScene {
    var scene = self
    scene.settings.branches.append(RunBranch(step: step, changes: changes))
    return scene
  }

  /// The run before its first step.
  func run() throws -> DenoisingRun {
    let settings = try settings.resolved()
    var run = try DenoisingRun(
      model: AnalyticModel(), scheduler: try scheduler(of: settings), sampleShape: shape, settings: settings,
      noise: NoiseSource(settings), clock: TickingClock())
    for (step, part) in try settings.parts().dropFirst() {
      run = try run.branched(
        at: step, RunContinuation(part, scheduler: try scheduler(of: part), model: AnalyticModel()))
    }
    return run
  }

  /// All steps of the run.
  func steps() throws -> [DenoisingStep] {
    var run = try run(), steps: [DenoisingStep] = []
    while !run.isFinished { steps.append(try run.step()) }
    return steps
  }

  private func scheduler(of settings: RunSettings) throws -> any Scheduler {
    let found = try SchedulerClass(named: settings.scheduler ?? "ddim")
    return try found.scheduler(
      from: ConfigurationReader(file: "test", values: [:]), options: settings.schedulerOptions)
  }
}
