import DiffusionCore

/// The forms that a setting has in titles: its whole title, and shorter ones that still say what a value is of.
struct TitleForms {
  /// The runs of all panes.
  let requests: [RunRequest]
  /// Their titles, for each setting in which they differ.
  let titles: [Setting: [String]]
  /// What stands for something that was left out.
  let mark: String

  /// The columns from which on a shortened prompt still says what a picture shows.
  static let readableProse = 18

  func title(of setting: Setting, in pane: Int) -> String {
    titles[setting]?[pane] ?? setting.title(of: requests[pane])
  }

  /// The forms of a setting in a run, longest first.
  func forms(of setting: Setting, in pane: Int) -> [String] {
    let title = title(of: setting, in: pane)
    var forms = [title]
    for form in shorter(setting, in: pane, title) where form.columns < forms.last?.columns ?? 0 { forms.append(form) }
    return forms
  }

  private func shorter(_ setting: Setting, in pane: Int, _ title: String) -> [String] {
    let settings = requests[pane].settings, value = setting.text(of: requests[pane])
    switch setting {
    case .prompt, .negativePrompt, .promptBlend: return prose(title, among: setting)
    case .branches: return branches(in: pane)
    case .schedulerOptions: return settings.schedulerOptions.isEmpty ? ["no options"] : options(in: pane)
    // The digits of a short one could be anything.
    case .seeds: return settings.seeds.count == 1 && value.count > 5 ? [value] : []
    case .variation: return settings.variation == nil ? [] : ["var \(value)"]
    case .device: return [deviceKind(settings.device)].compactMap { $0 }
    case .image: return settings.selection.image.map { ["image \($0)"] } ?? []
    case .initImage: return title.hasPrefix("from ") && settings.initImage != nil ? [String(title.dropFirst(5))] : []
    case .invert: return settings.invert ? ["inverted"] : []
    case .useClippedModelOutput: return settings.useClippedModelOutput ? ["clipped-output", "clipped\(mark)"] : []
    case .threads: return ["\(settings.threads) thr\(mark)", "\(settings.threads) th\(mark)"]
    default: return title == "\(setting.label) \(value)" ? [labelled(setting.label, value)] : []
    }
  }

  /// The part of a device's name behind the colon, `portable`, unless it is a number. `reference` would be taken for
  /// the mark of the run that the others are compared with.
  private func deviceKind(_ device: Device) -> String? {
    let parts = device.label.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, parts[1].contains(where: \.isLetter), parts[1] != "reference" else { return nil }
    return String(parts[1])
  }

  /// A whole value behind a part of its label: `guid~ 7.5`, `~rescale 0.5`.
  private func labelled(_ label: String, _ value: String) -> String {
    let part = label.split(separator: "-").last.map(String.init) ?? label
    return part == label ? "\(label.prefix(4))\(mark) \(value)" : "\(mark)\(part) \(value)"
  }

  /// A prompt, in forms that still show where it differs from those of the others.
  private func prose(_ title: String, among setting: Setting) -> [String] {
    let all = requests.indices.map { self.title(of: setting, in: $0) }
    return [60, 48, 36, 28, 22, 18, 14, 11, 9].filter { !title.fits(columns: $0) }
      .map { title.shortened(columns: $0, among: all) }
  }
}

/// Settings of several parts, of which those stay longest that the fewest other runs have.
extension TitleForms {
  /// The parts of a run, those first that the fewest others have.
  private func tellingFirst<Part: Equatable>(_ own: [Part], among others: [[Part]]) -> [Int] {
    let counts = own.map { part in others.count { $0.contains(part) } }
    return own.indices.sorted { (counts[$0], $0) < (counts[$1], $1) }
  }

  /// The scheduler's options: fewer and fewer of them, at last one value or one name.
  private func options(in pane: Int) -> [String] {
    let all = requests.map { request in
      request.settings.schedulerOptions.sorted { $0.key < $1.key }.map { SettingValue.table([$0.key: $0.value]).text }
    }
    let own = all[pane], others = all.indices.filter { $0 != pane }.map { all[$0] }
    let best = tellingFirst(own, among: others)
    let fewer = (1..<max(1, own.count)).reversed().map { count in
      best.prefix(count).sorted().map { own[$0] }.joined(separator: ", ") + ", \(mark)"
    }
    guard let first = best.first else { return fewer }
    return fewer + shorter(option: own[first], among: others).map { own.count > 1 ? "\($0), \(mark)" : $0 }
  }

  private func shorter(option: String, among others: [[String]]) -> [String] {
    let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return [] }
    let (name, value) = (parts[0], parts[1])
    // A switch is known by its name, unless it is off elsewhere.
    if value == "true" {
      let isOwn = !others.contains { $0.contains { $0.hasPrefix("\(name)=") && $0 != option } }
      let ends = name.indices.filter { name[$0] == "_" }.map { name.distance(from: name.startIndex, to: $0) }
      let counts = [name.count] + (ends.reversed() + [9, 8, 7]).filter { $0 > 6 && $0 < name.count }
      return isOwn ? counts.map { name.prefix($0) + mark } : []
    }
    return value != "false" && value.contains(where: \.isLetter) ? ["\(mark)\(value)"] : []
  }

  private struct BranchPart: Equatable {
    let step: Int
    let text: String
  }

  private func branchParts(of settings: RunSettings) -> [BranchPart] {
    let later = ((try? settings.parts().map(\.settings)) ?? []).dropFirst()
    return zip(settings.branches, later).flatMap { branch, settings in
      let changed = RunBranch.settings.filter { branch.changes[$0.name] != nil }
      let words = changed.map { $0.title(of: RunRequest(settings: settings)) }
      return (words.isEmpty ? [""] : words).map { BranchPart(step: branch.step, text: $0) }
    }
  }

  /// The branches without the word, then with fewer and fewer of the settings that change.
  private func branches(in pane: Int) -> [String] {
    let own = branchParts(of: requests[pane].settings)
    let others = requests.indices.filter { $0 != pane }.map { branchParts(of: requests[$0].settings) }
    let best = tellingFirst(own, among: others)
    let texts = others.flatMap { $0.map(\.text) }
    return (1..<(own.count + 1)).reversed().map { count in
      let kept = Set(best.prefix(count))
      return requests[pane].settings.branches.map(\.step).compactMap { step in
        branch(step, own.indices.filter { own[$0].step == step }.map { kept.contains($0) ? own[$0].text : nil }, texts)
      }.joined(separator: ", ")
    }
  }

  /// A branch with some of its changes; nil stands for one that is left out. Nil without any.
  private func branch(_ step: Int, _ changes: [String?], _ others: [String]) -> String? {
    let kept = changes.compactMap { $0?.shortened(columns: 40, among: others) }
    if kept.isEmpty { return mark }
    if kept == [""] { return "branch at \(step)" }
    return "at \(step): " + (kept + (kept.count < changes.count ? [mark] : [])).joined(separator: ", ")
  }

  /// The columns below which a form of the branches leaves out some of what changes.
  func comfort(ofBranchesIn pane: Int) -> Int {
    let forms = forms(of: .branches, in: pane)
    return forms.count > 1 ? forms[1].columns : 0
  }
}
