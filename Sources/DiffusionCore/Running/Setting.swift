/// A setting of a run: one row of the table ``all``, from which files, options, reports and screens take its name, what
/// it may be and how it is written.
///
/// A new setting is one row there; a command line declares an option for it besides.
public struct Setting: Sendable {
  /// What is made anew where it changes; the run then starts again in any case.
  public enum Restart: Sendable {
    /// The model.
    case model
    /// The steps of the schedule; the noise that the run starts from stays.
    case schedule
    /// The noise that the run starts from, and the schedule.
    case noise
  }

  /// Its name in JSON: `generator_device`. Options and TOML have a hyphen for each underscore.
  public let name: String
  /// What a screen calls it.
  public let label: String
  /// Names that it had in files before; they are read for ever.
  public let aliases: [String]
  /// Its options on a command line, which are also its keys in files without tables of settings.
  public let options: [SettingOption]
  /// What is made anew where it changes.
  public let restarts: Restart
  /// Whether the result depends on it; what computes decides nothing.
  public let decidesResult: Bool
  /// Whether files leave it out where it is what most runs have: it came after the first of them.
  public let mayBeOmitted: Bool
  /// The table of a receipt that it is in, with others; nil for none.
  public let receiptGroup: String?
  /// Every value there is, as it is typed; empty where there are too many to list.
  public let choices: [String]

  private let get: @Sendable (RunRequest) -> SettingValue
  private let set: @Sendable (SettingValue, inout RunRequest, SettingLimits) throws -> Void
  private let hints: @Sendable (RunRequest, SettingLimits) -> (long: String, short: String)
  private let parse: @Sendable (String) -> SettingValue
  private let print: @Sendable (SettingValue) -> String
  private let titleText: (@Sendable (RunRequest) -> String)?

  /// A row of the table.
  ///
  /// - Parameters:
  ///   - path: Where a run has it.
  ///   - form: What it may be, and how it is written.
  ///   - statesDefault: Whether the options' help says what holds where they are left out.
  ///   - title: What the title of one of several runs says of it; nil for its label and its value.
  package init<Value>(
    _ name: String, _ path: any WritableKeyPath<RunRequest, Value> & Sendable, _ form: SettingForm<Value>,
    label: String? = nil, aliases: [String] = [], options: [SettingOption], statesDefault: Bool = false,
    restarts: Restart, decidesResult: Bool = true, mayBeOmitted: Bool = false, receiptGroup: String? = nil,
    title: (@Sendable (RunRequest) -> String)? = nil
  ) {
    (self.name, self.label, self.aliases) = (name, label ?? name.replacing("_", with: " "), aliases)
    (self.restarts, self.decidesResult, self.mayBeOmitted) = (restarts, decidesResult, mayBeOmitted)
    (self.receiptGroup, choices, titleText) = (receiptGroup, form.choices, title)
    (parse, print) = (form.parse, form.print)
    let usual = form.print(form.write(RunRequest.usual[keyPath: path]))
    self.options = options.map { $0.completed(name, form, usual: statesDefault ? usual : nil) }
    get = { form.write($0[keyPath: path]) }
    set = { value, request, limits in
      guard let new = try form.read(value, (request, limits)) else {
        throw DiffusionError(value.fault(name, expected: form.expected((request, limits))))
      }
      request[keyPath: path] = new
    }
    hints = { (form.hint(($0, $1)), form.shortHint(($0, $1))) }
  }
}

extension Setting: Hashable {
  /// Whether they are the same row: names are unique.
  public static func == (left: Setting, right: Setting) -> Bool { left.name == right.name }

  /// Feeds the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// The value of a run.
extension Setting {
  /// What a run has, as files write it.
  public func value(of request: RunRequest) -> SettingValue { get(request) }

  /// What a run has, as one types it.
  public func text(of request: RunRequest) -> String { print(get(request)) }

  /// What a title says of it, so that runs side by side can be told apart: `eta 0.5`.
  public func title(of request: RunRequest) -> String { titleText?(request) ?? "\(label) \(text(of: request))" }

  /// Whether a run has what holds where nothing is said.
  public func isUsual(in request: RunRequest) -> Bool { value(of: request) == value(of: .usual) }

  /// Whether somebody who writes a name means the whole of it: its own, an older one or an option's, with hyphens or
  /// underscores.
  public func isCalled(_ written: String) -> Bool {
    let key = written.replacing("-", with: "_")
    return name == key || aliases.contains(key) || options.contains { $0.name == key && $0.key == nil }
  }

  /// Sets it to a file's value.
  ///
  /// - Throws: ``DiffusionError``: `usage` that names the setting, what was found and what was expected; `unavailable`
  ///   for a device that is not here.
  public func assign(
    _ value: SettingValue, to request: inout RunRequest, limits: SettingLimits = SettingLimits()
  ) throws {
    try set(value, &request, limits)
  }

  /// Sets it to what was typed.
  ///
  /// - Throws: As ``assign(_:to:limits:)``.
  public func assign(
    text: String, to request: inout RunRequest, limits: SettingLimits = SettingLimits()
  ) throws {
    try set(parse(text), &request, limits)
  }

  /// Makes sure that a run has a value which it may have.
  ///
  /// - Throws: As ``assign(_:to:limits:)``.
  public func validate(_ request: RunRequest, limits: SettingLimits = SettingLimits()) throws {
    var copy = request
    try set(get(request), &copy, limits)
  }

  /// What may be typed: for people, and the same in few columns.
  public func hint(
    for request: RunRequest, limits: SettingLimits = SettingLimits()
  ) -> (long: String, short: String) { hints(request, limits) }

  /// The words of a command line that set it to a value; none for what is left out there.
  public func arguments(_ value: SettingValue) -> [String] {
    options.flatMap { option in
      option.texts(value).flatMap { option.valueName == nil ? [option.flag] : [option.flag, $0] }
    }
  }
}

/// How far the numbers of settings may go before a model is known.
///
/// They keep a slip of the finger from asking for more memory than any machine has.
public struct SettingLimits: Sendable, Equatable {
  /// The most steps; a model's own limit is its `num_train_timesteps`.
  public var steps = RunSettings.maximumSteps
  /// The most images of a batch.
  public var images = 4096
  /// The most multiprocessors of a card.
  public var multiprocessors = 4096

  /// The limits of a command line.
  public init() {}

  /// The limits of a screen, which keeps every step of every image.
  ///
  /// - Parameters:
  ///   - steps: The most steps that the model takes.
  ///   - images: The most images of a batch.
  public init(steps: Int, images: Int) {
    (self.steps, self.images) = (steps, images)
  }

  /// What the engine itself can do.
  public static let unlimited = {
    var limits = SettingLimits(steps: .max, images: .max)
    limits.multiprocessors = .max
    return limits
  }()
}
