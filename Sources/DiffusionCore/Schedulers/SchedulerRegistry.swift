/// A scheduler class, by its names. The registry has an entry for each; nothing else knows a scheduler by name.
public struct SchedulerClass: Sendable {
  /// Diffusers' name: `DDIMScheduler`.
  public let className: String
  /// Its short name: `ddim`.
  public let shortName: String
  /// The options of its configuration, in Diffusers' names.
  public let configurationOptions: [String]
  /// The arguments of its `set_timesteps` that a run may set.
  public let scheduleOptions: [String]
  /// The arguments of its step that a run may set.
  public let stepOptions: [String]
  /// The ``stepOptions`` that are settings of a run (`eta`) and not options.
  public let stepSettings: [String]

  /// What it tells the model of the noise.
  public let tells: NoiseTold

  /// The class whose steps it takes from an image to its noise; nil for a class that goes from noise to an image.
  let reversedClass: String?

  private let make: @Sendable (_ file: ConfigurationReader, _ run: ConfigurationReader?) throws -> any Scheduler
  private let configure: @Sendable (ConfigurationReader) throws -> [String: SettingValue]
  private let readStep: @Sendable (ConfigurationReader, inout SchedulerOptions) throws -> Void

  init<Class: Scheduler>(_ type: Class.Type) {
    className = type.className
    shortName = type.shortName
    configurationOptions = Class.Configuration.options.map(\.name)
    scheduleOptions = Class.Configuration.scheduleOptions.map(\.name)
    stepOptions = type.stepOptions.map(\.name)
    stepSettings = type.stepOptions.filter(\.isSetting).map(\.name)
    tells = type.tells
    reversedClass = (type as? any InverseScheduler.Type)?.reversedClass
    make = { file, run in
      var config = try Class.Configuration(reading: file)
      if let run { for option in Class.Configuration.scheduleOptions { try option.read(run, &config) } }
      do {
        return try Class(config: config)
      } catch let error as DiffusionError {
        throw file.inFile(DiffusionError(.badData, error.message))
      }
    }
    configure = { try Class.Configuration(reading: $0).values }
    readStep = { reader, options in
      for option in Class.stepOptions { try option.read(reader, &options) }
    }
  }

  /// Creates a scheduler from any scheduler's configuration, as `from_config` does.
  ///
  /// - Parameters:
  ///   - reader: The configuration.
  ///   - options: Options that replace those of the configuration.
  /// - Throws: ``DiffusionError``: `badData` that names an option of the configuration; `usage` that names one of
  ///   `options` that the class does not have or accept.
  public func scheduler(
    from reader: ConfigurationReader, options: [String: SettingValue] = [:]
  ) throws -> any Scheduler {
    guard !options.isEmpty else { return try correctable { try make(reader, nil) } }
    for option in options.keys.sorted() { try check(option) }
    let run = ConfigurationReader(file: "scheduler option", values: Self.values(options))
    do {
      return try make(run.with(values: reader.values.merging(run.values) { $1 }), run)
    } catch let error as DiffusionError {
      // An error that occurs without the options too is the file's.
      _ = try correctable { try make(reader, nil) }
      throw DiffusionError(.usage, error.message)
    }
  }

  /// Says what to do about an error of a file.
  private func correctable<Made>(_ make: () throws -> Made) throws -> Made {
    do {
      return try make()
    } catch let error as DiffusionError where error.kind == .badData {
      throw DiffusionError(.badData, "\(error.message); correct it there")
    }
  }

  private func check(_ option: String) throws {
    guard !stepSettings.contains(option) else {
      throw DiffusionError(.usage, "scheduler option '\(option)' is a setting of its own: set \(option) instead")
    }
    let known = configurationOptions + scheduleOptions + stepOptions.filter { !stepSettings.contains($0) }
    guard known.contains(option) else {
      throw DiffusionError(
        .usage,
        "scheduler option '\(option)' is unknown to \(className): "
          + "\(NearestName.question(option, among: known))expected one of "
          + known.sorted().joined(separator: ", ") + "; remove it, or keep a scheduler that has it")
    }
  }

  /// Options in the form of a configuration: TOML and command lines lack null and write its name.
  private static func values(_ options: [String: SettingValue]) -> [String: SettingValue] {
    options.mapValues { $0 == .text("null") || $0 == .text("none") ? .null : $0 }
  }

  /// Every option of its configuration; missing ones have their defaults.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the option.
  public func configuration(reading reader: ConfigurationReader) throws -> [String: SettingValue] {
    try configure(reader)
  }

  /// Reads the arguments of the step from options.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the option.
  public func read(_ options: [String: SettingValue], into step: inout SchedulerOptions) throws {
    do {
      try readStep(ConfigurationReader(file: "scheduler option", values: Self.values(options)), &step)
    } catch let error as DiffusionError {
      throw DiffusionError(.usage, error.message)
    }
  }
}

extension SchedulerClass {
  /// Every supported class, in alphabetical order of the short names.
  public static let all: [SchedulerClass] = [
    SchedulerClass(CMStochasticIterativeScheduler.self),
    SchedulerClass(DDIMScheduler.self),
    SchedulerClass(DDIMInverseScheduler.self),
    SchedulerClass(DDIMParallelScheduler.self),
    SchedulerClass(DDPMScheduler.self),
    SchedulerClass(DDPMParallelScheduler.self),
    SchedulerClass(DEISMultistepScheduler.self),
    SchedulerClass(DPMSolverMultistepScheduler.self),
    SchedulerClass(DPMSolverMultistepInverseScheduler.self),
    SchedulerClass(DPMSolverSDEScheduler.self),
    SchedulerClass(DPMSolverSinglestepScheduler.self),
    SchedulerClass(EDMDPMSolverMultistepScheduler.self),
    SchedulerClass(EDMEulerScheduler.self),
    SchedulerClass(EulerDiscreteScheduler.self),
    SchedulerClass(EulerAncestralDiscreteScheduler.self),
    SchedulerClass(FlowMatchEulerDiscreteScheduler.self),
    SchedulerClass(FlowMatchHeunDiscreteScheduler.self),
    SchedulerClass(HeunDiscreteScheduler.self),
    SchedulerClass(IPNDMScheduler.self),
    SchedulerClass(KarrasVeScheduler.self),
    SchedulerClass(KDPM2DiscreteScheduler.self),
    SchedulerClass(KDPM2AncestralDiscreteScheduler.self),
    SchedulerClass(LCMScheduler.self),
    SchedulerClass(LMSDiscreteScheduler.self),
    SchedulerClass(PNDMScheduler.self),
    SchedulerClass(SASolverScheduler.self),
    SchedulerClass(ScoreSdeVeScheduler.self),
    SchedulerClass(TCDScheduler.self),
    SchedulerClass(UnCLIPScheduler.self),
    SchedulerClass(UniPCMultistepScheduler.self),
  ]

  /// Creates a class from Diffusers' name or the short name.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that lists the names.
  public init(named name: String) throws {
    guard let found = Self.find(name) else {
      throw DiffusionError(
        .usage,
        "scheduler '\(name)' is unknown: \(NearestName.question(name, among: Self.names))expected one of "
          + "\(Self.shortNames), or Diffusers' class name such as DDIMScheduler")
    }
    self = found
  }

  /// The short names, as errors and the help list them.
  package static let shortNames = all.map(\.shortName).joined(separator: ", ")
  /// Every name of a class.
  static let names = all.map(\.shortName) + all.map(\.className)

  /// The class with a name; nil if there is none.
  static func find(_ name: String) -> SchedulerClass? {
    all.first { $0.className == name || $0.shortName == name.lowercased().replacing("_", with: "-") }
  }
}
