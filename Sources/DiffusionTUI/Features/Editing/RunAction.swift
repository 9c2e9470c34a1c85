import DiffusionCore

/// The actions that restart the focused run, with the same settings or another.
public enum RunAction: FeatureAction {
  case restart, randomSeed, branch
  case edit(Setting)
  /// Take back the last change of settings or of the list of runs, or make it again.
  case undo, redo

  /// The settings that have a key; the palette can set all of them.
  public static let allCases: [RunAction] =
    [.restart, .randomSeed]
    + [
      Setting.seeds, .steps, .eta, .scheduler, .device, .variation, .generatorDevice, .model, .prompt, .negativePrompt,
      .guidanceScale, .promptBlend, .classLabels,
    ].map { .edit($0) }
    + [.branch, .undo, .redo]

  package static let chapter = KeyBinding.Chapter.run
  package var action: Action { .run(self) }

  package var row: KeyRow {
    switch self {
    case .restart:
      KeyRow(.character("r"), name: "restart", label: "restart", help: "start again from the same noise", rank: 9)
    case .randomSeed:
      KeyRow(.character("R"), name: "random-seed", label: "random", help: "start again with a random seed", rank: 10)
    case .branch:
      KeyRow(
        .character("B"), name: "branch-here", label: "branch", help: "go on another way from this step, side by side",
        rank: 12, yields: true)
    case .edit(let setting): Self.row(of: setting)
    case .undo:
      KeyRow(
        .character("U"), name: "undo", label: "undo", help: "take back the last change of settings or runs", rank: 21,
        yields: true)
    case .redo: KeyRow(.control("r"), name: "redo", label: "redo", help: "make that change again", yields: true)
    }
  }

  private static func row(of setting: Setting) -> KeyRow {
    switch setting {
    case .seeds: KeyRow(.character("s"), name: "edit-seed", label: "seed", help: "edit the seed", rank: 5)
    case .steps: KeyRow(.character("n"), name: "edit-steps", label: "steps", help: "edit the number of steps", rank: 6)
    case .eta: KeyRow(.character("e"), name: "edit-eta", label: "eta", help: "edit eta: 0 is DDIM, 1 is DDPM", rank: 11)
    case .scheduler:
      KeyRow(
        .character("S"), name: "edit-scheduler", label: "scheduler", help: "edit the scheduler", rank: 20, yields: true)
    case .device: KeyRow(.character("d"), name: "edit-device", label: "device", help: "edit the device", rank: 12)
    case .variation:
      KeyRow(
        .character("b"), name: "edit-variation", label: "variation", help: "blend with another seed's noise", rank: 18)
    case .generatorDevice:
      KeyRow(.character("g"), name: "edit-noise", label: "noise", help: "edit the generator's device", rank: 15)
    case .model:
      KeyRow(
        .character("O"), name: "edit-model", label: "model", help: "edit the model: a folder, a Hub id", rank: 19)
    case .prompt:
      KeyRow(
        .character("i"), name: "edit-prompt", label: "prompt", help: "edit the prompt; up and down go to former ones",
        rank: 4, yields: true)
    case .negativePrompt:
      KeyRow(
        .character("N"), name: "edit-negative-prompt", label: "negative-prompt",
        help: "edit the negative prompt: what not to show", rank: 17, yields: true)
    case .guidanceScale:
      KeyRow(
        .character("W"), name: "edit-guidance", label: "guidance", help: "edit the guidance: the weight of the prompt",
        rank: 8, yields: true)
    case .promptBlend:
      KeyRow(
        .character("X"), name: "edit-prompt-blend", label: "prompt-blend",
        help: "blend with another prompt's embeddings", rank: 18, yields: true)
    case .classLabels:
      KeyRow(
        .character("K"), name: "edit-class", label: "class", help: "edit the class: a number, or a name", rank: 4,
        yields: true)
    // Any other setting becomes editable once it is added to the cases.
    default: KeyRow(name: "edit-\(setting.label)", label: setting.label, help: "edit \(setting.label)")
    }
  }
}

extension State {
  mutating func act(_ action: RunAction) -> [Effect] {
    switch action {
    case .restart: return restart(pane.latestRequest)
    case .randomSeed:
      isDrawingSeed = true
      return [.drawSeed]
    case .branch: return openBranch()
    case .edit(let setting): edit(setting)
    case .undo: return undo()
    case .redo: return redo()
    }
    return []
  }
}
