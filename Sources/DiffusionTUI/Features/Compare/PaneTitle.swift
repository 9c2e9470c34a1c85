import DiffusionCore

/// The line above a pane: its number and its settings. Those that tell the run from every other stay as long as they
/// can be read; those that differ from the reference are highlighted.
package struct PaneTitle {
  private let state: State
  private let index: Int
  /// The runs, with no more of long prompts than titles need.
  private let requests: [RunRequest]
  /// The titles of the runs, for each setting in which they differ.
  private let titles: [Setting: [String]]
  /// Settings that together tell the run from every other one that differs in any, those first that tell most.
  private let telling: [Setting]

  /// The settings that people name first when they say what a run is, then all others.
  private static let order: [Setting: Int] = {
    let first: [Setting] = [
      .model, .scheduler, .prompt, .seeds, .steps, .eta, .guidanceScale, .branches, .schedulerOptions, .image, .call,
      .variation, .initImage, .strength, .invert, .classLabels, .negativePrompt, .promptBlend, .device, .threads,
      .weights, .generatorDevice, .gpuModel,
    ]
    let all = first + Setting.all.filter { !first.contains($0) }
    return Dictionary(zip(all, 0...)) { first, _ in first }
  }()

  package init(state: State, index: Int) {
    (self.state, self.index) = (state, index)
    let requests = state.panes.map { Self.excerpt($0.request) }
    self.requests = requests
    titles = Setting.all.reduce(into: [:]) { found, setting in
      // Nearly all settings are alike, and need no titles.
      guard Set(requests.map { setting.value(of: $0) }).count > 1 else { return }
      let own = Self.titles(of: setting, in: requests)
      if Set(own).count > 1 { found[setting] = own }
    }
    telling = Self.telling(index, of: requests, by: titles)
  }

  /// The bytes of all prompts of a run that are looked at: many times what a title shows, in every frame.
  private static let mostProse = 16_384

  /// A run with the beginnings and the ends of prompts that are longer than that.
  private static func excerpt(_ request: RunRequest) -> RunRequest {
    let prompts = request.settings.prompts, most = max(64, mostProse / max(1, prompts.count))
    guard prompts.contains(where: { $0.utf8.count > most }) else { return request }
    var request = request
    request.settings.prompts = prompts.map { prompt in
      guard prompt.utf8.count > most else { return prompt }
      let head = prompt.utf8.prefix(most / 2), tail = prompt.utf8.suffix(most / 2)
      return "\(String(decoding: head, as: UTF8.self))...\(String(decoding: tail, as: UTF8.self))"
    }
    return request
  }

  /// The title of a setting in each run: its whole value where the title is that of another value too, such as that of
  /// two pictures of one name.
  private static func titles(of setting: Setting, in requests: [RunRequest]) -> [String] {
    let titles = requests.map(setting.title), values = requests.map(setting.text)
    return titles.indices.map { index in
      let isShared = titles.indices.contains { titles[$0] == titles[index] && values[$0] != values[index] }
      guard isShared else { return titles[index] }
      return "\(setting == .initImage ? "from" : setting.label) \(values[index])"
    }
  }

  /// Few settings that tell a run from the others: at each turn the one that tells it from the most. Where models
  /// differ, every title names its own.
  private static func telling(
    _ index: Int, of requests: [RunRequest], by titles: [Setting: [String]]
  ) -> [Setting] {
    var others = Set(requests.indices).subtracting([index]), chosen: [Setting] = []
    func told(by setting: Setting) -> [Int] { others.filter { titles[setting]?[$0] != titles[setting]?[index] } }
    // `max` gives the first of equals.
    let own = requests[index], places = titles.keys.map { (place(of: $0, in: own), $0) }.sorted { $0.0 < $1.0 }
    let settings = places.map(\.1).filter { !isSpare($0, in: own) }
    if settings.contains(.model) {
      chosen.append(.model)
      others.subtract(told(by: .model))
    }
    while let best = settings.max(by: { told(by: $0).count < told(by: $1).count }),
      case let apart = told(by: best), !apart.isEmpty
    {
      chosen.append(best)
      others.subtract(apart)
    }
    return chosen
  }

  /// The place of a setting in that order. That a run has the scheduler of its model is said last.
  private static func place(of setting: Setting, in request: RunRequest) -> Int {
    setting == .scheduler && request.settings.scheduler == nil ? order.count : order[setting] ?? order.count
  }

  /// Settings whose absence is told by the titles of the runs that have them.
  private static let optional: Set<Setting> = [
    .branches, .negativePrompt, .promptBlend, .schedulerOptions, .variation, .gpuModel, .refiner, .invert,
    .useClippedModelOutput,
  ]

  /// Whether a run lacks a setting, and says so only where there is room.
  private static func isSpare(_ setting: Setting, in request: RunRequest) -> Bool {
    optional.contains(setting) && setting.isUsual(in: request)
  }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let isFocused = index == state.focus
    let number = isFocused ? look.style(.accent, adding: [.reverse, .bold]) : look.style(.text, adding: .bold)
    var column = frame.write(" \(index + 1) ", number, column: part.column, row: part.row, end: part.endColumn) + 1
    let mark = String(look.glyph("\u{2026}", "~"))
    let fit = TitleFit(words: words(mark: mark), columns: max(0, part.endColumn - column), mark: mark)
    for word in fit.fitted() {
      let alarm = look.style(.alarm, adding: [.reverse, .bold])
      let style =
        word.isAlarm ? alarm : word.isDifferent ? look.style(.accent, adding: .bold) : look[isFocused ? .text : .dim]
      column = frame.write(word.text, style, column: column, row: part.row, end: part.endColumn) + 2
    }
  }

  private func words(mark: String) -> [TitleWord] {
    let pane = state.panes[index], own = requests[index]
    let forms = TitleForms(requests: requests, titles: titles, mark: mark)
    func word(_ setting: Setting, otherwise rank: Int = 1) -> TitleWord {
      self.word(setting, rank: self.rank(setting, otherwise: rank), forms)
    }
    var words = [word(.seeds, otherwise: 2)] + model
    words += [.image, .call].filter { telling.contains($0) || !$0.isUsual(in: own) }.map { word($0) }
    if pane.alarm != nil {
      words.append(TitleWord(forms: ["NaN"], isDifferent: false, isAlarm: true, rank: -1, order: 0))
    }
    if index == state.compare.reference {
      words.append(TitleWord(forms: ["ref"], isDifferent: false, rank: 2, order: Self.order.count))
    }
    words.append(steps)
    if telling.contains(.variation) || own.settings.variation != nil { words.append(word(.variation, otherwise: 4)) }
    words.append(device(word(.device, otherwise: 8)))
    let shown: [Setting] = [.seeds, .image, .call, .steps, .variation, .device]
    return words + Setting.ofRunSettings.filter { !shown.contains($0) && differs($0) }.map { word($0) }
  }

  /// The rank of a setting's word: 0 if it tells the run from the others, 1 if the runs differ in it as well.
  private func rank(_ setting: Setting, otherwise rank: Int) -> Int {
    // What the others have is in their titles.
    if Self.isSpare(setting, in: requests[index]) { return 5 }
    if telling.contains(setting) { return 0 }
    return differs(setting) ? 1 : rank
  }

  /// The place of a setting's word among those of its rank.
  private func place(of setting: Setting) -> Int {
    telling.firstIndex(of: setting) ?? Self.place(of: setting, in: requests[index])
  }

  private func word(_ setting: Setting, rank: Int, _ forms: TitleForms) -> TitleWord {
    var word = TitleWord(
      forms: forms.forms(of: setting, in: index), isDifferent: isDifferent(setting), rank: rank,
      order: place(of: setting))
    if setting.hasProse { (word.comfort, word.whole) = (TitleForms.readableProse, word.text) }
    if setting == .branches { word.comfort = forms.comfort(ofBranchesIn: index) }
    if setting == .seeds, requests[index].settings.seeds.count == 1 { word.label = "seed " }
    let title = word.text
    word.others = {
      requests.indices.filter { forms.title(of: setting, in: $0) != title }
        .flatMap { forms.forms(of: setting, in: $0) }
    }
    return word
  }

  /// The steps taken, and their number.
  private var steps: TitleWord {
    let pane = state.panes[index]
    return TitleWord(
      forms: ["\(pane.position)/\(pane.stepCount)"], isDifferent: isDifferent(.steps),
      rank: rank(.steps, otherwise: 3), order: place(of: .steps), keepsEnd: true)
  }

  /// The device. A demonstration says in every form that it is one, and always.
  private func device(_ word: TitleWord) -> TitleWord {
    let device = state.panes[index].request.settings.device
    guard device.demonstration != nil else { return word }
    return TitleWord(
      forms: [device.label, "\(device) (demo)", "demo"], isDifferent: word.isDifferent, rank: -1, order: 1)
  }

  /// Whether the runs on the screen differ in a setting.
  private func differs(_ setting: Setting) -> Bool { titles[setting] != nil }

  /// Whether the run differs from the reference in a setting.
  private func isDifferent(_ setting: Setting) -> Bool {
    titles[setting].map { $0[index] != $0[state.compare.reference] } ?? false
  }

  /// The model, if the runs use several.
  private var model: [TitleWord] {
    guard let label = state.modelLabel(of: index) else { return [] }
    let reference = state.panes[state.compare.reference].request.model
    return [
      TitleWord(
        forms: [label], isDifferent: state.panes[index].request.model != reference, rank: 0, order: 0,
        others: { state.panes.indices.filter { $0 != index }.compactMap { state.modelLabel(of: $0) } })
    ]
  }
}
