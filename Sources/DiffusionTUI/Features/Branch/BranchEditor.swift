import DiffusionCore

/// A branch that is being set up: the settings behind the cursor's step, one of which is edited at a time.
public struct BranchEditor: Sendable, Equatable {
  /// The number of steps that the branch shares with the focused run.
  package let step: Int
  /// The run up to that step.
  private let trunk: RunRequest
  /// The settings of the last steps before the branch.
  private let former: RunRequest
  /// The settings behind it, as edited so far.
  private var later: RunRequest
  /// The setting that is being edited.
  package private(set) var editor: Editor

  /// The settings in the order in which the arrow keys reach them; those that people change most come first. What the
  /// run's model has no use for is left out.
  package let settings: [Setting]

  private static let first: [Setting] = [.eta, .scheduler, .steps, .seeds]

  private static func settings(of run: RunDescription) -> [Setting] {
    let stages = run.stages.map(\.name)
    let idle: [(settings: [Setting], isIdle: Bool)] = [
      ([.prompt, .negativePrompt, .promptBlend], !run.takesPrompt), ([.classLabels], !run.takesClass),
      ([.guidanceScale, .guidanceRescale], !run.takesGuidance),
      ([.priorSteps, .priorGuidanceScale], !stages.contains("prior")),
      ([.superResSteps], !stages.contains("super-resolution")), ([.denoisingEnd], run.settings.refiner == nil),
    ]
    let left = Set(idle.filter(\.isIdle).flatMap(\.settings))
    return (first + RunBranch.settings.filter { !first.contains($0) }).filter { !left.contains($0) }
  }

  /// Creates an editor with nothing changed yet; a branch that is at that step already is edited again.
  ///
  /// - Throws: `DiffusionError` for settings that no run can have.
  init(step: Int, of description: RunDescription) throws {
    let run = description.request
    var trunk = run
    trunk.settings = run.settings.upTo(step: step)
    let parts = try run.settings.upTo(step: step + 1).parts()
    (self.step, self.trunk, settings) = (step, trunk, Self.settings(of: description))
    former = RunRequest(model: run.model, settings: try trunk.settings.parts().last?.settings ?? trunk.settings)
    later = RunRequest(model: run.model, settings: parts.last?.settings ?? trunk.settings)
    editor = Editor(setting: Self.first[0], text: Self.first[0].text(of: later))
  }

  /// The run that branches.
  package var request: RunRequest {
    var request = trunk
    let changes = RunBranch.changes(from: former.settings, to: later.settings)
    request.settings.branches.append(RunBranch(step: step, changes: changes))
    return request
  }

  /// What has changed, in words; the setting that is being edited is left out.
  package var changes: String {
    settings.filter { $0 != editor.setting && $0.value(of: former) != $0.value(of: later) }
      .map { $0.title(of: later) }.joined(separator: ", ")
  }

  /// The expected value of the setting, long and short.
  package func hint(limits: SettingLimits) -> (long: String, short: String) {
    editor.setting.hint(for: later, limits: limits)
  }

  /// Types text that arrived at once.
  mutating func insert(_ text: String) { editor.insert(text) }

  /// Handles a key while it is open. Keys that move to another setting take the value over first.
  mutating func press(_ key: Key, devices: DeviceList, limits: SettingLimits) {
    let choices = devices.choices(of: editor.setting), isNumber = choices.isEmpty
    switch key {
    case .down: walk(by: 1, devices, limits)
    case .up: walk(by: settings.count - 1, devices, limits)
    // The arrows up and down are for the settings here.
    case .tab, .right: editor.press(isNumber ? .up : .down, choices: choices, in: later, limits: limits)
    case .backTab, .left: editor.press(isNumber ? .down : .up, choices: choices, in: later, limits: limits)
    default: editor.press(key, choices: choices, in: later, limits: limits)
    }
  }

  /// Takes over the typed value; keeps the editor on it with an error if it is not valid.
  ///
  /// - Returns: Whether it is valid.
  mutating func take(devices: DeviceList, limits: SettingLimits) -> Bool {
    do {
      if editor.setting == .device { try devices.requireAnswer(about: editor.text) }
      try editor.setting.type(editor.text, into: &later, limits: limits)
      return true
    } catch {
      (editor.isFresh, editor.error) = (false, String(describing: error))
      return false
    }
  }

  private mutating func walk(by distance: Int, _ devices: DeviceList, _ limits: SettingLimits) {
    guard take(devices: devices, limits: limits) else { return }
    let place = settings.firstIndex(of: editor.setting) ?? 0, next = settings[(place + distance) % settings.count]
    editor = Editor(setting: next, text: next.text(of: later))
  }
}

/// Branching the focused run.
extension State {
  /// Opens the editor of a branch at the cursor's step, where it stops the runs.
  mutating func openBranch() -> [Effect] {
    guard let run, pending == nil else {
      notice = "there is no run to branch from yet"
      return []
    }
    guard panes.count < Self.maximumPanes else {
      notice = "there are \(Self.maximumPanes) runs already: \(pressing(.compare(.closePane))) to close one first"
      return []
    }
    playback.isPlaying = false
    let effects = stop(Array(panes.indices))
    guard (1..<run.stepCount).contains(position) else {
      notice =
        position == 0
        ? "a branch shares the first steps: \(pressing(.playback(.stepForward))) to take one, then branch"
        : "no step is left to take another way: \(pressing(.playback(.stepBack))) to go back, then branch"
      return effects
    }
    do {
      open(.branch(try BranchEditor(step: position, of: run.description)))
    } catch {
      notice = String(describing: error)
    }
    return effects
  }

  /// Handles a key press while a branch is being set up.
  mutating func press(_ key: Key, in open: BranchEditor) -> [Effect] {
    var editor = open
    guard key == .enter else {
      editor.press(key, devices: devices, limits: settingLimits)
      update(.branch(editor))
      return []
    }
    guard editor.take(devices: devices, limits: settingLimits) else {
      update(.branch(editor))
      return []
    }
    close(.branch)
    return compare(branch: editor.request)
  }

  /// Shows a branch beside the run that it leaves, which becomes the reference, at the step where they part.
  private mutating func compare(branch request: RunRequest) -> [Effect] {
    let place = CursorTarget.step(position)
    compare.reference = focus
    panes.append(Pane(request))
    focus = panes.count - 1
    return start(request, in: focus, goal: place)
  }
}
