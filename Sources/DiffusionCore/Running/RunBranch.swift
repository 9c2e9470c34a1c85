/// A place at which a run goes on with other settings: it keeps its sample and its first steps, and the rest of its way
/// is another one.
///
/// <doc:Branches> says how the schedules are joined, and where the generators stand.
public struct RunBranch: Sendable, Hashable {
  /// The number of steps before it, at least 1.
  public var step: Int
  /// The settings that change, by their names, with values as in files; the others stay as they were.
  public var changes: [String: SettingValue]

  /// Creates a branch.
  public init(step: Int, changes: [String: SettingValue] = [:]) {
    (self.step, self.changes) = (step, changes)
  }

  /// The settings that a branch may change. The others decide what the samples are samples of.
  public static let settings: [Setting] = [
    .prompt, .negativePrompt, .guidanceScale, .priorGuidanceScale, .guidanceRescale, .promptBlend, .classLabels, .seeds,
    .steps, .priorSteps, .superResSteps, .denoisingEnd, .eta, .scheduler, .schedulerOptions, .device, .generatorDevice,
    .gpuModel, .multiprocessors, .threadsPerMultiprocessor, .weights, .call, .threads, .useClippedModelOutput,
  ]

  /// The settings that differ between two runs, of those that a branch may change.
  public static func changes(from former: RunSettings, to later: RunSettings) -> [String: SettingValue] {
    let (former, later) = (RunRequest(settings: former), RunRequest(settings: later))
    let changed = settings.filter { $0.value(of: former) != $0.value(of: later) }
    return Dictionary(changed.map { ($0.name, $0.value(of: later)) }, uniquingKeysWith: { $1 })
  }

  /// Whether it changes to a device whose bits are outside of the numerics contract.
  var isDemonstration: Bool {
    guard case .text(let name)? = changes[Setting.device.name] else { return false }
    return DeviceEntry.all.contains { $0.name == name && $0.demonstration != nil }
  }

  /// The settings of the steps behind it.
  ///
  /// - Parameter settings: Those of the steps in front of it.
  /// - Throws: ``DiffusionError`` that names the step and the setting.
  package func settings(
    after settings: RunSettings, limits: SettingLimits = .unlimited
  ) throws -> RunSettings {
    var request = RunRequest(settings: settings)
    request.settings.branches = []
    do {
      for setting in Self.settings {
        if let value = changes[setting.name] { try setting.assign(value, to: &request, limits: limits) }
      }
      try RunSettings.requireSameBatch(request.settings.batchSize, as: settings.batchSize)
    } catch let error as DiffusionError {
      throw DiffusionError(error.kind, "branch at step \(step): \(error.message)")
    }
    return request.settings
  }

  /// The changes in words: `eta 1, euler`; the empty text for none.
  ///
  /// - Parameter settings: The settings of the steps in front of it.
  package func words(after settings: RunSettings) -> String {
    guard let later = try? self.settings(after: settings) else { return "" }
    return Self.settings.filter { changes[$0.name] != nil }.map { $0.title(of: RunRequest(settings: later)) }
      .joined(separator: ", ")
  }
}

extension RunSettings {
  /// The settings of each part of the run, with its first step: those of the start, then those from each branch on.
  ///
  /// - Throws: As ``RunBranch/settings(after:limits:)``.
  package func parts() throws -> [(firstStep: Int, settings: RunSettings)] {
    var start = self
    start.branches = []
    var parts = [(firstStep: 0, settings: start)]
    for branch in branches {
      start = try branch.settings(after: start)
      parts.append((branch.step, start))
    }
    return parts
  }

  /// What a device of the run demonstrates, at its start or behind a branch: its bits then depend on the threads. Nil
  /// if all devices keep to the contract.
  public var demonstration: String? {
    ((try? parts().map(\.settings)) ?? [self]).lazy.compactMap(\.device.demonstration).first
  }

  /// What changes at each branch: `eta 1, euler`.
  package var branchesInWords: [(step: Int, words: String)] {
    let former = (try? parts().map(\.settings)) ?? []
    return zip(branches, former).map { ($0.step, $0.words(after: $1)) }
  }

  /// The same run up to a step, as far as it has one setting after another.
  package func upTo(step: Int) -> RunSettings {
    var settings = self
    settings.branches = branches.filter { $0.step < step }
    return settings
  }

  /// Whether the noise of a step comes from the same generators.
  func drawsLike(_ other: RunSettings) -> Bool {
    seeds == other.seeds && generatorDevice == other.generatorDevice && cardNumbers == other.cardNumbers
      && selection.call == other.selection.call
  }

  fileprivate static func requireSameBatch(_ size: Int, as former: Int) throws {
    guard size == former else {
      throw DiffusionError(.usage, "there are \(size) seeds: expected 1, or one for each of the \(former) images")
    }
  }
}

extension Setting {
  /// The places at which the run goes on with other settings.
  public static let branches = Setting(
    "branches", \.settings.branches, .branches,
    options: [
      SettingOption(
        each: "branch", value: "k,name=value,...",
        "Go on with other settings after k steps: --branch 20,eta=1,scheduler=euler. The schedule of the new settings "
          + "is cut below the timestep that step k leads to; a seed draws fresh noise. May be given several times.")
    ], restarts: .schedule, mayBeOmitted: true,
    title: { request in
      let branches = request.settings.branchesInWords.map { step, words in
        "branch at \(step)" + (words.isEmpty ? "" : ": \(words)")
      }
      return branches.isEmpty ? "no branch" : branches.joined(separator: ", ")
    })
}

extension SettingForm where Value == [RunBranch] {
  /// The key of the step in a table.
  private static var stepKey: String { "at" }

  /// A list of tables, each with a step and the settings that change; typed as `20,eta=1`, with semicolons between
  /// several.
  static let branches = SettingForm({ _ in "a step from 1 and the settings that change, such as 20,eta=1" }) { _ in
    "20,eta=1"
  } write: { branches in
    branches.isEmpty ? .null : .list(branches.map(Self.table))
  } read: { value, scope in
    var settings = scope.request.settings, branches: [RunBranch] = []
    settings.branches = []
    for entry in try Self.entries(value) ?? [.null] {
      guard case .table(let table) = entry, case .integer(let number)? = table[Self.stepKey],
        let step = Int(exactly: number), step > 0
      else { return nil }
      guard step > branches.last?.step ?? 0 else {
        throw DiffusionError(.usage, "branch at step \(step): expected a step after that of the branch before it")
      }
      var branch = RunBranch(step: step)
      branch.changes = try Self.changes(table, at: step)
      let later = try branch.settings(after: settings, limits: scope.limits)
      for setting in RunBranch.settings where branch.changes[setting.name] != nil {
        branch.changes[setting.name] = setting.value(of: RunRequest(settings: later))
      }
      branches.append(branch)
      settings = later
    }
    return branches
  }.with {
    $0.expectedInFiles =
      "tables with a step from 1 and the settings that change, such as [{ at = 20, eta = 1 }], or [] for none"
    $0.parse = { text in
      if text == "none" { return .null }
      let entries = text.split(separator: ";", omittingEmptySubsequences: false).compactMap { Self.parsed(String($0)) }
      return entries.count == text.count { $0 == ";" } + 1 ? .list(entries) : .text(text)
    }
    $0.print = { value in
      guard case .list(let entries) = value else { return "none" }
      return entries.map(Self.text).joined(separator: ";")
    }
  }

  private static func entries(_ value: SettingValue) throws -> [SettingValue]? {
    switch value {
    case .null: []
    case .list(let entries): entries
    case .table: [value]
    default: nil
    }
  }

  /// A branch as a table. TOML has no null, so a setting without a value has its text.
  private static func table(_ branch: RunBranch) -> SettingValue {
    var entries = branch.changes
    for setting in RunBranch.settings where entries[setting.name] == .null {
      entries[setting.name] = .text(setting.text(of: .null))
    }
    entries[stepKey] = .integer(Int128(branch.step))
    return .table(entries)
  }

  /// The changes in a table, by the names of the settings.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a name that is no setting, or one that a branch cannot change.
  private static func changes(_ table: [String: SettingValue], at step: Int) throws -> [String: SettingValue] {
    var changes: [String: SettingValue] = [:]
    for (key, value) in table where key != stepKey {
      guard let setting = RunBranch.settings.first(where: { $0.isCalled(key) }) else {
        let names = RunBranch.settings.map { setting in setting.options.first { $0.key == nil }?.name ?? setting.name }
        throw DiffusionError(
          .usage,
          "branch at step \(step): \(key) cannot change: expected one of \(names.joined(separator: ", "))")
      }
      guard changes[setting.name] == nil else {
        throw DiffusionError(.usage, "branch at step \(step): \(setting.label) is given twice")
      }
      changes[setting.name] = if case .text(let text) = value { setting.value(text) } else { value }
    }
    return changes
  }

  /// A branch from its text, `20,eta=1,scheduler=euler`. What follows a comma without a name belongs to the value
  /// before it, as in `seeds=1,2`; scheduler options may be given one by one. Nil for any other text.
  private static func parsed(_ text: String) -> SettingValue? {
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard let step = words.first.flatMap({ Int128($0) }), step > 0 else { return nil }
    var entries: [(name: String, text: String)] = []
    for word in words.dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if parts.count == 2, let first = parts[0].first, first != "[", !isOpen(entries.last?.text) {
        entries.append((parts[0], parts[1]))
      } else if !entries.isEmpty {
        entries[entries.count - 1].text += "," + word
      } else {
        return nil
      }
    }
    let values = Dictionary(entries.map { ($0.name, $0.text) }) { $0 + "," + $1 }
    return .table(values.mapValues { .text($0) }.merging([stepKey: .integer(step)]) { $1 })
  }

  /// Whether a bracket is open at the end of a text.
  private static func isOpen(_ text: String?) -> Bool {
    guard let text else { return false }
    return text.count { $0 == "[" } > text.count { $0 == "]" }
  }

  /// The text of a branch's table.
  private static func text(_ entry: SettingValue) -> String {
    guard case .table(let table) = entry else { return entry.text }
    let words = RunBranch.settings.flatMap { setting in
      guard let value = table[setting.name] else { return [String]() }
      if setting == .schedulerOptions, case .table(let options) = value {
        return value.pairs(options).map { "scheduler_option=\($0)" }
      }
      let name = setting.options.first { $0.key == nil && !$0.texts(value).isEmpty }?.name ?? setting.name
      return ["\(name)=\(text(of: setting, value))"]
    }
    return ([(table[stepKey] ?? .null).text] + words).joined(separator: ",")
  }

  /// The text of a value, without the characters that separate the parts of a branch where a prompt may have them.
  private static func text(of setting: Setting, _ value: SettingValue) -> String {
    switch setting {
    case .prompt, .negativePrompt: TypedTexts.withoutSeparators(setting.text(of: value))
    case .promptBlend: SettingForm<PromptBlend?>.typed(value, prompt: TypedTexts.withoutSeparators)
    default: setting.text(of: value)
    }
  }
}
