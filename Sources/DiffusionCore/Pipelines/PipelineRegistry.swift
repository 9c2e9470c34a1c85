/// A class of pipelines, by the `_class_name` of `model_index.json`. The registry has a row for each.
public struct PipelineClass: Sendable, Equatable {
  /// Which scheduler runs where none is asked for.
  enum SchedulerRule: Sendable, Equatable {
    /// The pipeline's `__init__` converts the folder's scheduler to this class (`scheduler_class.from_config`).
    case converts(to: String)
    /// The folder's own class runs, but for one that opens as another.
    case own(exchanging: String? = nil, for: String? = nil)
  }

  /// Diffusers' name: `DDIMPipeline`.
  public let className: String
  /// The components by their names in `model_index.json`, each with the classes that it may have; the scheduler is not
  /// among them.
  let components: [String: [String]]
  let schedulerRule: SchedulerRule

  /// Every class that there is.
  public static let all: [PipelineClass] = [
    PipelineClass(
      className: "DDIMPipeline", components: ["unet": ["UNet2DModel"]], schedulerRule: .converts(to: "DDIMScheduler")),
    // Diffusers' guide on reproducible pipelines opens google/ddpm-cifar10-32, a DDPMPipeline, as DDIM.
    PipelineClass(
      className: "DDPMPipeline", components: ["unet": ["UNet2DModel"]],
      schedulerRule: .own(exchanging: "DDPMScheduler", for: "DDIMScheduler")),
    PipelineClass(
      className: "PNDMPipeline", components: ["unet": ["UNet2DModel"]], schedulerRule: .converts(to: "PNDMScheduler")),
  ]

  /// Refuses an index whose components this class cannot be made of.
  func check(_ index: ModelIndex, file: String) throws {
    for (name, classes) in components.sorted(by: { $0.key < $1.key }) {
      guard let found = index.components[name] else {
        throw DiffusionError(.badData, "\(file): \"\(name)\" is missing; expected [\"diffusers\", \"\(classes[0])\"]")
      }
      guard classes.contains(found) else {
        throw DiffusionError(
          .badData, "\(file): the \(name) is \(found); supported: \(classes.joined(separator: ", "))")
      }
    }
    guard index.components["scheduler"] != nil else {
      throw DiffusionError(
        .badData, "\(file): \"scheduler\" is missing; expected [\"diffusers\", \"DDIMScheduler\"]")
    }
  }
}

extension PipelineClass {
  /// Finds a class.
  ///
  /// - Parameter file: The file that names it; nil where none does.
  /// - Throws: ``DiffusionError`` (`badData`) that lists the classes.
  init(named name: String, file: String? = nil) throws {
    guard let found = Self.all.first(where: { $0.className == name }) else {
      let place = file.map { "\($0): " } ?? "", known = Self.all.map(\.className).joined(separator: ", ")
      throw DiffusionError(.badData, "\(place)the pipeline is \(name); supported: \(known)")
    }
    self = found
  }
}

/// A model's scheduler as its folder describes it, from which any class can be made (`from_config`).
public struct SchedulerSource: Sendable {
  /// Which scheduler runs, and why.
  public struct Choice: Sendable {
    /// The class that runs.
    public let schedulerClass: SchedulerClass
    /// The short name of the folder's own class where another one opens in its place though nobody asked for it.
    public let exchanged: String?
  }

  /// The class that `model_index.json` names: `PNDMScheduler`.
  public let className: String
  /// Its configuration.
  let reader: ConfigurationReader
  private let rule: PipelineClass.SchedulerRule

  package init(className: String, reader: ConfigurationReader, pipeline: PipelineClass) {
    (self.className, self.reader, rule) = (className, reader, pipeline.schedulerRule)
  }

  /// A scheduler that runs where no other is asked for.
  init<S: Scheduler>(_ scheduler: S) {
    className = S.className
    reader = ConfigurationReader(file: "the scheduler", values: scheduler.config.values)
    rule = .own()
  }

  /// Chooses the class that runs: the one asked for, else the pipeline's own conversion, else the folder's.
  ///
  /// - Parameter name: Diffusers' class name or a short form; nil where none is asked for.
  /// - Throws: ``DiffusionError``: `usage` for an unknown name; `badData` where the folder's own class is not
  ///   supported.
  public func choice(_ name: String?) throws -> Choice {
    if let name { return Choice(schedulerClass: try SchedulerClass(named: name), exchanged: nil) }
    switch rule {
    case .converts(let target):
      return Choice(schedulerClass: try SchedulerClass(named: target), exchanged: nil)
    case .own(let own?, let other?) where own == className:
      return Choice(schedulerClass: try SchedulerClass(named: other), exchanged: SchedulerClass.find(own)?.shortName)
    case .own:
      guard let found = SchedulerClass.find(className) else {
        let known = SchedulerClass.all.map(\.className).joined(separator: ", ")
        throw DiffusionError(
          .badData, "the scheduler is \(className), which is not supported; choose another one: \(known)")
      }
      return Choice(schedulerClass: found, exchanged: nil)
    }
  }

  /// Makes the scheduler of a run.
  ///
  /// - Parameters:
  ///   - name: As for ``choice(_:)``.
  ///   - options: What takes the place of the configuration's values.
  /// - Throws: As ``choice(_:)``, and ``DiffusionError`` that names the option: `badData` of the file, `usage` of
  ///   `options`.
  public func scheduler(
    _ name: String? = nil, options: [String: SettingValue] = [:]
  ) throws -> any Scheduler {
    try choice(name).schedulerClass.scheduler(from: reader, options: options)
  }
}

extension RunSettings {
  /// What the run sets of each step of a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names an option of the wrong type.
  func schedulerStepOptions(of scheduler: some Scheduler) throws -> SchedulerOptions {
    var options = SchedulerOptions(eta: eta, useClippedModelOutput: useClippedModelOutput)
    try SchedulerClass(named: type(of: scheduler).className).read(schedulerOptions, into: &options)
    return options
  }
}

extension ModelSource {
  /// What the model is made of.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` if there is no `model_index.json`; `badData` if it describes
  ///   something that is not supported.
  public func modelIndex() throws -> ModelIndex {
    let file = try modelIndexFile(), index = try ModelIndex(reading: file)
    try PipelineClass(named: index.className, file: file.path).check(index, file: file.path)
    return index
  }
}
