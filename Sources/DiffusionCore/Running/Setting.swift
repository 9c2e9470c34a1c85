/// A setting of a run: an entry of the table ``all``, from which files, options, reports and screens take its name,
/// its values and its format.
///
/// A new setting is one entry there, plus an option in the command line.
public struct Setting: Sendable {
  /// What a change recreates; the run starts again in any case.
  public enum Restart: Sendable {
    /// The model.
    case model
    /// The steps of the schedule; the initial noise stays.
    case schedule
    /// The initial noise, and the schedule.
    case noise
  }

  /// Its name in JSON: `generator_device`. Options and TOML have a hyphen for each underscore.
  public let name: String
  /// Its label on screens.
  public let label: String
  /// Its former names in files, which can still be read.
  public let aliases: [String]
  /// Its options on a command line, which are also its keys in files without tables of settings.
  public let options: [SettingOption]
  /// What a change recreates.
  public let restarts: Restart
  /// Whether the result depends on it; it does not depend on the device or the threads.
  public let decidesResult: Bool
  /// Whether files omit it when it has its default, because it was added after the first of them.
  public let mayBeOmitted: Bool
  /// The table of a receipt that groups it with others; nil for none.
  public let receiptGroup: String?
  /// Every possible value as text; empty if there are too many to list.
  public var choices: [String] { usualChoices + (moreChoices?() ?? []) }
  /// Those of ``choices`` that are known at once: of devices those of the processor, since drivers take time to answer.
  package let usualChoices: [String]

  private let moreChoices: (@Sendable () -> [String])?
  private let get: @Sendable (RunRequest) -> SettingValue
  private let set: @Sendable (SettingValue, inout RunRequest, SettingLimits) throws -> Void
  private let hints: @Sendable (RunRequest, SettingLimits) -> (long: String, short: String)
  private let parse: @Sendable (String) -> SettingValue
  private let print: @Sendable (SettingValue) -> String
  private let titleText: (@Sendable (RunRequest) -> String)?

  /// Creates an entry of the table.
  ///
  /// - Parameters:
  ///   - path: Where a request stores it.
  ///   - form: Its values and their format.
  ///   - statesDefault: Whether the options' help states the default.
  ///   - title: Its part in the title of one of several runs; nil for its label and its value.
  package init<Value>(
    _ name: String, _ path: any WritableKeyPath<RunRequest, Value> & Sendable, _ form: SettingForm<Value>,
    label: String? = nil, aliases: [String] = [], options: [SettingOption], statesDefault: Bool = false,
    restarts: Restart, decidesResult: Bool = true, mayBeOmitted: Bool = false, receiptGroup: String? = nil,
    title: (@Sendable (RunRequest) -> String)? = nil
  ) {
    (self.name, self.label, self.aliases) = (name, label ?? name.replacing("_", with: " "), aliases)
    (self.restarts, self.decidesResult, self.mayBeOmitted) = (restarts, decidesResult, mayBeOmitted)
    (self.receiptGroup, titleText) = (receiptGroup, title)
    (usualChoices, moreChoices) = (form.choices, form.moreChoices)
    (parse, print) = (form.parse, form.print)
    let usual = form.print(form.write(RunRequest.usual[keyPath: path]))
    self.options = options.map { $0.completed(name, form, usual: statesDefault ? usual : nil) }
    get = { form.write($0[keyPath: path]) }
    set = { value, request, limits in
      guard let new = try form.read(value, (request, limits)) else {
        let fault = value.fault(name, expected: form.expected((request, limits)))
        throw DiffusionError(
          fault.expecting(inFiles: form.expectedInFiles).suggesting(among: form.names ?? form.choices))
      }
      request[keyPath: path] = new
    }
    hints = { (form.hint(($0, $1)), form.shortHint(($0, $1))) }
  }
}

extension Setting: Hashable, CustomStringConvertible {
  /// The name.
  public var description: String { name }

  /// Whether they are the same entry: names are unique.
  public static func == (left: Setting, right: Setting) -> Bool { left.name == right.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// The value in a request.
extension Setting {
  /// The value in a request, as files store it.
  public func value(of request: RunRequest) -> SettingValue { get(request) }

  /// The value in a request as text.
  public func text(of request: RunRequest) -> String { print(get(request)) }

  /// A value from a file as text.
  func text(of value: SettingValue) -> String { print(value) }

  /// The value that a typed text stands for.
  func value(_ text: String) -> SettingValue { parse(text) }

  /// Its part in a title that tells runs apart: `eta 0.5`.
  public func title(of request: RunRequest) -> String { titleText?(request) ?? "\(label) \(text(of: request))" }

  /// Whether a request has the default.
  public func isUsual(in request: RunRequest) -> Bool { value(of: request) == value(of: .usual) }

  /// Whether a written name refers to the whole setting: its own name, a former one or an option's, with hyphens or
  /// underscores.
  public func isCalled(_ written: String) -> Bool {
    let key = written.replacing("-", with: "_")
    return name == key || aliases.contains(key) || options.contains { $0.name == key && $0.key == nil }
  }

  /// Sets it to a value from a file.
  ///
  /// - Throws: ``DiffusionError``: `usage` that names the setting, the value found and the values allowed;
  ///   `unavailable` for a device that is not available.
  public func assign(
    _ value: SettingValue, to request: inout RunRequest, limits: SettingLimits = SettingLimits()
  ) throws {
    try set(value, &request, limits)
  }

  /// Sets it to a value typed as text.
  ///
  /// - Throws: As ``assign(_:to:limits:)``.
  public func assign(
    text: String, to request: inout RunRequest, limits: SettingLimits = SettingLimits()
  ) throws {
    try set(parse(text), &request, limits)
  }

  /// Checks that a request has a valid value.
  ///
  /// - Throws: As ``assign(_:to:limits:)``.
  public func validate(_ request: RunRequest, limits: SettingLimits = SettingLimits()) throws {
    var copy = request
    try set(get(request), &copy, limits)
  }

  /// Hints about valid input: a sentence, and a short form for narrow columns.
  public func hint(
    for request: RunRequest, limits: SettingLimits = SettingLimits()
  ) -> (long: String, short: String) { hints(request, limits) }

  /// The command-line arguments that set it to a value; none if the command line omits it.
  public func arguments(_ value: SettingValue) -> [String] {
    options.flatMap { option in
      option.texts(value).flatMap { option.valueName == nil ? [option.flag] : [option.flag, $0] }
    }
  }
}

/// The limits of settings before a model is known.
///
/// They keep a typing error from asking for more memory than any machine has.
public struct SettingLimits: Sendable, Equatable {
  /// The largest number of steps; a model's own limit is its `num_train_timesteps`.
  public var steps = RunSettings.maximumSteps
  /// The largest number of images in a batch.
  public var images = 4096
  /// The largest number of multiprocessors of a card.
  public var multiprocessors = 4096

  /// Creates the limits of a command line.
  public init() {}

  /// Creates the limits of a screen, which keeps every step of every image.
  ///
  /// - Parameters:
  ///   - steps: The largest number of steps that the model supports.
  ///   - images: The largest number of images in a batch.
  public init(steps: Int, images: Int) {
    (self.steps, self.images) = (steps, images)
  }

  /// The limits of the engine itself.
  public static let unlimited = {
    var limits = SettingLimits(steps: .max, images: .max)
    limits.multiprocessors = .max
    return limits
  }()
}
