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
  /// Settings that together tell the run from every other one that differs in any.
  private let telling: Set<Setting>

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
    telling = Self.telling(index, of: requests.count, by: titles)
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
      return isShared ? values[index] : titles[index]
    }
  }

  /// Few settings that tell a run from the others: at each turn the one that tells it from the most.
  private static func telling(_ index: Int, of count: Int, by titles: [Setting: [String]]) -> Set<Setting> {
    var others = Set(0..<count).subtracting([index]), chosen: Set<Setting> = []
    func told(by setting: Setting) -> [Int] { others.filter { titles[setting]?[$0] != titles[setting]?[index] } }
    // `max` gives the first of equals: the settings stand in the order in which people ask for them.
    let settings = Setting.all.filter { titles[$0] != nil }
    while let best = settings.max(by: { told(by: $0).count < told(by: $1).count }),
      case let apart = told(by: best), !apart.isEmpty
    {
      chosen.insert(best)
      others.subtract(apart)
    }
    return chosen
  }

  private struct Word {
    /// The text, and shorter forms of it, longest first.
    var forms: [String]
    let isDifferent: Bool
    /// Whether something is wrong.
    var isAlarm = false
    /// The order in which words are dropped when space runs out, highest first. Words of rank 0 tell the run from the
    /// others, and an alarm has -1.
    let rank: Int
    /// The same word of the other panes, from which a cut one must still be told.
    var others: [String] = []

    var text: String { forms.first ?? "" }
  }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let isFocused = index == state.focus
    let number = isFocused ? look.style(.accent, adding: [.reverse, .bold]) : look.style(.text, adding: .bold)
    var column = frame.write(" \(index + 1) ", number, column: part.column, row: part.row, end: part.endColumn) + 1
    for word in fitted(columns: part.endColumn - column) {
      let alarm = look.style(.alarm, adding: [.reverse, .bold])
      let style =
        word.isAlarm ? alarm : word.isDifferent ? look.style(.accent, adding: .bold) : look[isFocused ? .text : .dim]
      column = frame.write(word.text, style, column: column, row: part.row, end: part.endColumn) + 2
    }
  }

  /// The columns below which a word says nothing.
  private static let readable = 4

  /// The words that fit: the least important are dropped, from the end; the others are shortened, and at last cut.
  private func fitted(columns: Int) -> [Word] {
    var words = words
    func width(_ own: (Word) -> Int) -> Int { words.reduce(-2) { $0 + own($1) + 2 } }
    func excess() -> Int { width { $0.text.columns } - columns }
    while words.count > 1, excess() > 0 {
      guard let worst = words.indices.reversed().max(by: { words[$0].rank < words[$1].rank }) else { break }
      let canBeRead = width { min(Self.readable, $0.forms.last?.columns ?? 0) } <= columns
      if words[worst].rank <= 0, canBeRead { break }
      // A setting in which the runs differ is shortened before it is dropped, but not to a bare number.
      if words[worst].rank == 1, let next = words[worst].forms.dropFirst().first, Int(next) == nil {
        words[worst].forms.removeFirst()
      } else {
        words.remove(at: worst)
      }
    }
    while excess() > 0 {
      let long = words.indices.filter { words[$0].forms.count > 1 }
      guard let longest = long.max(by: { words[$0].text.columns < words[$1].text.columns }) else { break }
      words[longest].forms.removeFirst()
    }
    guard excess() > 0, !words.isEmpty else { return words }
    var widths = words.map(\.text.columns)
    for _ in 0..<excess() {
      guard let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > 1 else { break }
      widths[widest] -= 1
    }
    for index in words.indices {
      words[index].forms = [Self.cut(words[index].text, to: widths[index], among: words[index].others)]
    }
    return words
  }

  /// The beginning of a text if that tells it from the others, otherwise its end.
  private static func cut(_ text: String, to columns: Int, among others: [String]) -> String {
    guard text.columns > columns else { return text }
    let start = text.prefix(columns: columns)
    let isAmbiguous = others.contains { $0 != text && $0.prefix(columns: columns) == start }
    return isAmbiguous ? text.suffix(columns: columns) : start
  }

  private var words: [Word] {
    let pane = state.panes[index], own = requests[index]
    var words = [word(.seeds, rank: rank(.seeds, otherwise: 2))] + model
    words += [.image, .call].filter { telling.contains($0) || !$0.isUsual(in: own) }.map {
      word($0, rank: rank($0, otherwise: 1))
    }
    if pane.alarm != nil { words.append(Word(forms: ["NaN"], isDifferent: false, isAlarm: true, rank: -1)) }
    if index == state.compare.reference { words.append(Word(forms: ["ref"], isDifferent: false, rank: 2)) }
    let steps = "\(pane.position)/\(pane.stepCount)"
    words.append(Word(forms: [steps], isDifferent: isDifferent(.steps), rank: rank(.steps, otherwise: 3)))
    if telling.contains(.variation) || own.settings.variation != nil {
      words.append(word(.variation, rank: rank(.variation, otherwise: 4)))
    }
    words.append(device)
    let shown: [Setting] = [.seeds, .image, .call, .steps, .variation, .device]
    return words
      + Setting.ofRunSettings.filter { !shown.contains($0) && differs($0) }
      .map { $0 == .branches ? branches : word($0, rank: rank($0, otherwise: 1)) }
  }

  /// The rank of a setting's word: 0 if it tells the run from the others, 1 if the runs differ in it as well.
  private func rank(_ setting: Setting, otherwise rank: Int) -> Int {
    // What the others have is in their titles.
    if isSpare(setting) { return 5 }
    if telling.contains(setting) { return 0 }
    return differs(setting) ? 1 : rank
  }

  /// The device. A demonstration says in every form that it is one.
  private var device: Word {
    var word = word(.device, rank: rank(.device, otherwise: 8))
    let device = state.panes[index].request.settings.device
    if device.demonstration != nil { word.forms = [device.label, "\(device) (demo)", "demo"] }
    return word
  }

  private func word(_ setting: Setting, rank: Int) -> Word {
    let own = requests[index]
    let value = setting.text(of: own)
    if setting.isProse, !value.isEmpty { return prose(setting, rank: rank) }
    func title(_ pane: Int) -> String { titles[setting]?[pane] ?? setting.title(of: requests[pane]) }
    let short = Self.short(setting, of: own).flatMap { $0.columns < title(index).columns ? $0 : nil }
    return Word(
      forms: [title(index), short].compactMap { $0 }, isDifferent: isDifferent(setting), rank: rank,
      others: requests.indices.map { pane in
        short == nil ? title(pane) : Self.short(setting, of: requests[pane]) ?? title(pane)
      })
  }

  /// A setting in few columns: a value that says what it is of, such as a scheduler's name or a seed, stands alone;
  /// another behind the beginning of its label. Nil for one that is usual or has no value.
  private static func short(_ setting: Setting, of request: RunRequest) -> String? {
    let value = setting.text(of: request)
    if value.isEmpty { return nil }
    let isWord = value.contains(where: \.isLetter) && !["none", "own", "all", "true", "false"].contains(value)
    if isWord || setting == .seeds { return value }
    let label = setting.label.prefix(5).split(separator: " ")[0]
    return "\(label) \(value)"
  }

  /// Whether a run without the setting says so only where there is room.
  private func isSpare(_ setting: Setting) -> Bool {
    [.branches, .negativePrompt, .promptBlend].contains(setting) && setting.isUsual(in: requests[index])
  }

  /// The branches, also by the step of the last alone where no other run branches there too.
  private var branches: Word {
    let all = requests.indices.map { titles[.branches]?[$0] ?? Setting.branches.title(of: requests[$0]) }
    let last = requests.map { $0.settings.branches.last?.step }
    let isAlone = last[index] != nil && last.count(where: { $0 == last[index] }) == 1
    return Word(
      forms: isAlone ? [all[index], "branch at \(last[index] ?? 0)"] : shortened(all),
      isDifferent: isDifferent(.branches), rank: rank(.branches, otherwise: 1), others: all)
  }

  /// A prompt, in forms that still show where it differs from those of the others.
  private func prose(_ setting: Setting, rank: Int) -> Word {
    let all = requests.map(setting.title)
    return Word(forms: shortened(all), isDifferent: isDifferent(setting), rank: rank, others: all)
  }

  /// The run's own of all titles, whole and shortened so that it still differs from the others.
  private func shortened(_ all: [String]) -> [String] {
    let own = all[index], widths = [60, 48, 36, 28, 22, 18, 14, 11, 9, 7]
    return [own] + widths.filter { !own.fits(columns: $0) }.map { own.shortened(columns: $0, among: all) }
  }

  /// Whether the runs on the screen differ in a setting.
  private func differs(_ setting: Setting) -> Bool { titles[setting] != nil }

  /// Whether the run differs from the reference in a setting.
  private func isDifferent(_ setting: Setting) -> Bool {
    titles[setting].map { $0[index] != $0[state.compare.reference] } ?? false
  }

  /// The model, if the runs use several.
  private var model: [Word] {
    guard let label = state.modelLabel(of: index) else { return [] }
    let reference = state.panes[state.compare.reference].request.model
    return [
      Word(
        forms: [label], isDifferent: state.panes[index].request.model != reference, rank: 0,
        others: state.panes.indices.compactMap { state.modelLabel(of: $0) })
    ]
  }
}
