/// A model's scheduler as its folder describes it, which any class can be created from (`from_config`).
public struct SchedulerSource: Sendable {
  /// The choice of a scheduler.
  public struct Choice: Sendable {
    /// The class that runs.
    public let schedulerClass: SchedulerClass
    /// The short name of the folder's own class where another one replaces it by default.
    public let exchanged: String?
  }

  /// The class that `model_index.json` names: `PNDMScheduler`.
  public let className: String
  /// Its configuration.
  let reader: ConfigurationReader
  /// The pipeline that it belongs to.
  let pipeline: PipelineClass
  /// Those of the stages behind the first, in their order.
  var later: [SchedulerSource] = []
  /// The file that names its class, with a colon.
  var place = ""
  /// A line for each key of its configuration that occurs again.
  var warnings: [String] { reader.warnings + later.flatMap(\.warnings) }

  package init(className: String, reader: ConfigurationReader, pipeline: PipelineClass) {
    (self.className, self.reader, self.pipeline) = (className, reader, pipeline)
  }

  /// A source with a default scheduler.
  init<S: Scheduler>(_ scheduler: S) {
    className = S.className
    reader = ConfigurationReader(file: "the scheduler", values: scheduler.config.values)
    pipeline = PipelineClass(className: "DiffusionPipeline", components: [:], schedulerRule: .own())
  }

  /// Chooses the class that runs: the one requested, else the pipeline's own conversion, else the folder's.
  ///
  /// - Parameter name: Diffusers' class name or a short form; nil for the default.
  /// - Throws: ``DiffusionError``: `usage` for an unknown name; `badData` where the folder's own class is not
  ///   supported.
  public func choice(_ name: String?) throws -> Choice {
    if let name { return Choice(schedulerClass: try SchedulerClass(named: name), exchanged: nil) }
    switch pipeline.schedulerRule {
    case .converts(let target):
      return Choice(schedulerClass: try SchedulerClass(named: target), exchanged: nil)
    case .own(let own?, let other?) where own == className:
      return Choice(schedulerClass: try SchedulerClass(named: other), exchanged: SchedulerClass.find(own)?.shortName)
    case .own:
      guard let found = SchedulerClass.find(className) else {
        let known = SchedulerClass.all.map(\.className).joined(separator: ", ")
        throw DiffusionError(
          .badData, "\(place)the scheduler is \(className), which is not supported; choose another one: \(known)")
      }
      return Choice(schedulerClass: found, exchanged: nil)
    }
  }

  /// The number of steps of a run where nobody says one: that of Diffusers' pipeline with the scheduler of that
  /// pipeline, 1 for a consistency model, 1,000 for DDPM and 2,000 for ScoreSdeVe, and ``RunSettings/usualSteps`` in
  /// all other cases.
  ///
  /// - Parameter name: As for ``choice(_:)``.
  /// - Throws: As ``choice(_:)``.
  public func usualSteps(_ name: String? = nil) throws -> Int {
    pipeline.usualSteps[try choice(name).schedulerClass.className] ?? RunSettings.usualSteps
  }

  /// Creates the scheduler of a run.
  ///
  /// - Parameters:
  ///   - name: As for ``choice(_:)``.
  ///   - options: Options that replace the configuration's values.
  /// - Throws: ``DiffusionError`` as ``choice(_:)``, and naming an option: `badData` for one of the file, `usage` for
  ///   one of `options`.
  public func scheduler(
    _ name: String? = nil, options: [String: SettingValue] = [:]
  ) throws -> any Scheduler {
    let chosen = try choice(name).schedulerClass
    return try chosen.scheduler(from: corrected(for: chosen), options: options)
  }

  /// Creates the scheduler that takes a picture to its noise, with those of the options that it has.
  ///
  /// - Throws: As ``scheduler(_:options:)``.
  func inverse(for settings: RunSettings) throws -> any Scheduler {
    let inverse = try choice(settings.scheduler).schedulerClass.inverse()
    return try scheduler(
      inverse.className, options: settings.schedulerOptions.filter { inverse.configurationOptions.contains($0.key) })
  }

  /// The configuration as the pipeline's `__init__` corrects it: those of Stable Diffusion set `steps_offset` to 1 and
  /// `clip_sample` to false where the folder's own class has them. What the file leaves out does not reach another
  /// class.
  private func corrected(for chosen: SchedulerClass) -> ConfigurationReader {
    guard pipeline.correctsScheduler else { return reader }
    let own = SchedulerClass.find(className)
    let values = (try? own?.scheduler(from: reader).config.values) ?? reader.values
    var corrected = reader.values
    for (name, value) in ["steps_offset": SettingValue.integer(1), "clip_sample": .bool(false)] {
      guard values[name] != nil, reader.values[name] != nil || chosen.className == own?.className else { continue }
      corrected[name] = value
    }
    return reader.with(values: corrected)
  }
}

extension SchedulerSource {
  /// Why classes are not made for the model, by their short names: the model was trained to be told something else of
  /// the noise than they tell it, or to predict what they do not read. They run nevertheless, except for the latter.
  public var unsuited: [String: String] {
    guard let own = SchedulerClass.find(className) else { return [:] }
    let trained = own.tells(with: reader)
    let reasons = SchedulerClass.all.compactMap { other -> (String, String)? in
      let told = other.tells(with: reader)
      if told != trained { return (other.shortName, "tells the model \(told.words), not \(trained.words)") }
      do {
        _ = try other.configuration(reading: reader)
        return nil
      } catch {
        return (other.shortName, "\(error)")
      }
    }
    return Dictionary(reasons) { first, _ in first }
  }
}

extension RunSettings {
  /// The step options of a scheduler that the run sets.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names an option of the wrong type, and for one image of a batch that
  ///   the scheduler mixes.
  func schedulerStepOptions(of scheduler: some Scheduler) throws -> SchedulerOptions {
    if scheduler.mixesImages, batchSize > 1, let image = selection.image {
      throw DiffusionError(
        .usage,
        "image \(image) of a batch of \(batchSize): \(type(of: scheduler).className) mixes the images of a batch in "
          + "its corrector: run the whole batch, or one image as a batch of its own")
    }
    var options = SchedulerOptions(eta: eta, useClippedModelOutput: useClippedModelOutput)
    try SchedulerClass(named: type(of: scheduler).className).read(schedulerOptions, into: &options)
    return options
  }
}

extension DiffusionPipeline {
  /// The scheduler that a run takes its first steps with, which its receipt names: that of the way to a picture's noise
  /// where the settings ask for it.
  ///
  /// - Throws: As ``scheduler(for:)``.
  public func firstScheduler(for settings: RunSettings) throws -> any Scheduler {
    try settings.invert ? schedulerSource.inverse(for: settings) : scheduler(for: settings)
  }

  /// Makes the schedule of some settings, and draws nothing.
  ///
  /// - Throws: As ``run(_:)``, for a scheduler, options or steps that the model cannot have.
  package func checkSchedule(of settings: RunSettings) throws {
    var scheduler = try firstScheduler(for: settings)
    try scheduler.setTimesteps(model.firstSteps(of: settings))
    _ = try scheduler.terms(at: 0, options: settings.schedulerStepOptions(of: scheduler))
  }
}
