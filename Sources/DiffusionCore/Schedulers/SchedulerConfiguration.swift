/// An option of a configuration: its name in Diffusers, and how it is decoded and encoded.
public struct ConfigurationOption<Configuration>: Sendable {
  /// The name in Diffusers: `num_train_timesteps`.
  public let name: String
  /// Whether a run has a setting for it, with a range of its own; it is then not a scheduler option.
  private(set) var isSetting = false
  let read: @Sendable (ConfigurationReader, inout Configuration) throws -> Void
  let write: @Sendable (Configuration) -> SettingValue

  typealias Path<Value> = any WritableKeyPath<Configuration, Value> & Sendable

  static func int(_ name: String, _ path: Path<Int>) -> Self {
    Self(name: name) {
      $1[keyPath: path] = try $0.int(name, default: $1[keyPath: path])
    } write: {
      .integer(Int128($0[keyPath: path]))
    }
  }

  static func double(_ name: String, _ path: Path<Double>) -> Self {
    Self(name: name) {
      $1[keyPath: path] = try $0.double(name, default: $1[keyPath: path])
    } write: {
      SettingValue(number: $0[keyPath: path])
    }
  }

  static func float(_ name: String, _ path: Path<Float>) -> Self {
    Self(name: name) {
      $1[keyPath: path] = Float(try $0.double(name, default: Double($1[keyPath: path])))
    } write: {
      SettingValue(number: $0[keyPath: path])
    }
  }

  static func optionalInt(_ name: String, _ path: Path<Int?>) -> Self {
    Self(name: name) {
      guard let value = $0.value(name) else { return }
      $1[keyPath: path] = value == .null ? nil : try $0.int(name, default: 0)
    } write: {
      $0[keyPath: path].map { .integer(Int128($0)) } ?? .null
    }
  }

  static func optionalDouble(_ name: String, _ path: Path<Double?>) -> Self {
    Self(name: name) {
      guard let value = $0.value(name) else { return }
      $1[keyPath: path] = value == .null ? nil : try $0.double(name, default: 0)
    } write: {
      $0[keyPath: path].map { SettingValue(number: $0) } ?? .null
    }
  }

  /// The option as a setting of runs.
  var asSetting: Self {
    var option = self
    option.isSetting = true
    return option
  }

  static func bool(_ name: String, _ path: Path<Bool>) -> Self {
    Self(name: name) {
      $1[keyPath: path] = try $0.bool(name, default: $1[keyPath: path])
    } write: {
      .bool($0[keyPath: path])
    }
  }

  /// A name of an enumeration, of which a class may support only some.
  ///
  /// - Parameters:
  ///   - null: The name that Diffusers uses if the option is null; nil if it refuses null.
  ///   - others: Names of other classes that Diffusers replaces, and what it replaces them with.
  static func name<Name: RawRepresentable<String> & CaseIterable & Sendable & Equatable>(
    _ name: String, _ path: Path<Name>, among known: [Name] = Array(Name.allCases), nullIs null: Name? = nil,
    replacing others: [String: Name] = [:]
  ) -> Self {
    Self(name: name) {
      guard let value = $0.value(name) else { return }
      if value == .null, let null { return $1[keyPath: path] = null }
      guard case .text(let text) = value, let found = others[text] ?? Name(rawValue: text), known.contains(found)
      else {
        throw $0.error(name, value, expected: "one of " + known.map(\.rawValue).joined(separator: ", "))
      }
      $1[keyPath: path] = found
    } write: {
      .text($0[keyPath: path].rawValue)
    }
  }

  static func ints(_ name: String, _ path: Path<[Int]>) -> Self {
    Self(name: name) {
      $1[keyPath: path] = try $0.ints(name, default: $1[keyPath: path])
    } write: {
      .list($0[keyPath: path].map { .integer(Int128($0)) })
    }
  }

  static func optionalInts(_ name: String, _ path: Path<[Int]?>) -> Self {
    Self(name: name) {
      guard let value = $0.value(name) else { return }
      $1[keyPath: path] = value == .null ? nil : try $0.ints(name, default: [])
    } write: {
      $0[keyPath: path].map { .list($0.map { .integer(Int128($0)) }) } ?? .null
    }
  }

  /// An option that has to be null.
  static func null(_ name: String) -> Self {
    Self(name: name) { reader, _ in
      guard let value = reader.value(name), value != .null else { return }
      throw reader.error(name, value, expected: "null")
    } write: { _ in
      .null
    }
  }

  /// A name of an enumeration, or null.
  static func optionalName<Name: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ path: Path<Name?>
  ) -> Self {
    Self(name: name) {
      guard let value = $0.value(name) else { return }
      $1[keyPath: path] = value == .null ? nil : try $0.name(name, value)
    } write: {
      $0[keyPath: path].map { .text($0.rawValue) } ?? .null
    }
  }

  static func optionalDoubles(_ name: String, _ path: Path<[Double]?>) -> Self {
    Self(name: name) {
      guard let value = $0.value(name) else { return }
      $1[keyPath: path] = value == .null ? nil : try $0.doubles(name, value)
    } write: {
      $0[keyPath: path].map { .list($0.map { SettingValue(number: $0) }) } ?? .null
    }
  }
}

/// The configuration of a scheduler: the arguments of its `__init__` in Diffusers.
public protocol SchedulerConfiguration: Sendable, Equatable, Codable {
  /// Creates a configuration with Diffusers' defaults.
  init()
  /// Every option.
  static var options: [ConfigurationOption<Self>] { get }
  /// Options that the class does not have, but takes from another one's file, since Diffusers keeps what it does not
  /// know. They are no part of ``values``.
  static var inheritedOptions: [ConfigurationOption<Self>] { get }
  /// The arguments of `set_timesteps` that a run may set. A configuration file does not have them.
  static var scheduleOptions: [ConfigurationOption<Self>] { get }
  /// Refuses options that no schedule can have, or that would make every step fail.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the option, its value and the values allowed.
  func validate() throws
}

extension SchedulerConfiguration {
  /// Empty.
  public static var inheritedOptions: [ConfigurationOption<Self>] { [] }
  /// Empty: no arguments but the number of steps.
  public static var scheduleOptions: [ConfigurationOption<Self>] { [] }

  /// Reads the configuration of any scheduler as `from_config` of Diffusers does: it takes the options of this class,
  /// uses this class's defaults for missing ones, and ignores all others (`_class_name`, options of other classes).
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the key, its value and the values allowed.
  public init(reading reader: ConfigurationReader) throws {
    self.init()
    for option in Self.options + Self.inheritedOptions { try option.read(reader, &self) }
  }

  /// Decodes the bytes of a `scheduler_config.json`.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file, and the key if one is wrong.
  public init(json: some Sequence<UInt8>, file: String = "scheduler_config.json") throws {
    try self.init(reading: ConfigurationReader(json: json, file: file))
  }

  /// Every option by its name in Diffusers.
  public var values: [String: SettingValue] {
    Dictionary(Self.options.map { ($0.name, $0.write(self)) }, uniquingKeysWith: { first, _ in first })
  }

  /// Decodes the output of ``encode(to:)``.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.singleValueContainer().decode([String: SettingValue].self)
    try self.init(reading: ConfigurationReader(file: "", values: values))
  }

  /// Encodes every option under its name in Diffusers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }
}

/// A configuration with a table of betas, which nearly every scheduler of Diffusers starts from.
public protocol BetaConfiguration: SchedulerConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  var numTrainTimesteps: Int { get set }
  /// The first beta.
  var betaStart: Double { get set }
  /// The last beta.
  var betaEnd: Double { get set }
  /// How betas grow.
  var betaSchedule: BetaSchedule { get set }
  /// Betas that replace a schedule, one for each training timestep.
  var trainedBetas: [Double]? { get set }
  /// Added to every timestep of `leading` spacing.
  var stepsOffset: Int { get set }
}

extension BetaConfiguration {
  /// The options of the table.
  ///
  /// - Parameter schedules: The schedules that the class supports.
  static func betaOptions(
    _ schedules: [BetaSchedule] = [.linear, .scaledLinear, .squaredcosCapV2]
  ) -> [ConfigurationOption<Self>] {
    [
      .int("num_train_timesteps", \.numTrainTimesteps), .double("beta_start", \.betaStart),
      .double("beta_end", \.betaEnd), .name("beta_schedule", \.betaSchedule, among: schedules),
      .optionalDoubles("trained_betas", \.trainedBetas), .int("steps_offset", \.stepsOffset),
    ]
  }

  /// The betas, one for each training timestep.
  func betas(rescaledToZeroSNR: Bool = false) -> [Float] {
    let betas =
      trainedBetas?.map { Float($0) }
      ?? NoiseSchedule.betas(betaSchedule, from: betaStart, to: betaEnd, count: numTrainTimesteps)
    return rescaledToZeroSNR ? NoiseSchedule.rescaledToZeroTerminalSNR(betas) : betas
  }

  /// Checks the table's options.
  ///
  /// - Throws: As ``SchedulerConfiguration/validate()``.
  func validateBetas() throws {
    guard (1...1_000_000).contains(numTrainTimesteps) else {
      throw DiffusionError(.badData, "num_train_timesteps is \(numTrainTimesteps): expected 1 to 1000000")
    }
    // Larger offsets could overflow; no timestep of a schedule is as large.
    guard (-1_000_000...1_000_000).contains(stepsOffset) else {
      throw DiffusionError(.badData, "steps_offset is \(stepsOffset): expected -1000000 to 1000000")
    }
    if let trainedBetas {
      guard trainedBetas.count < numTrainTimesteps else { return }
      throw DiffusionError(
        .badData,
        "trained_betas has \(trainedBetas.count) numbers: expected one for each of num_train_timesteps, "
          + "\(numTrainTimesteps)"
      )
    }
    for (name, beta) in [("beta_start", betaStart), ("beta_end", betaEnd)] {
      guard beta.isFinite, beta >= 0 || betaSchedule != .scaledLinear else {
        let least = betaSchedule == .scaledLinear ? " of at least 0, for scaled_linear" : ""
        throw DiffusionError(.badData, "\(name) is \(beta): expected a finite number\(least)")
      }
    }
  }
}
