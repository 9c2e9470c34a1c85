import DiffusionCore

/// The line above a pane: its number and its settings. Those that differ from the reference are highlighted.
package struct PaneTitle {
  package let state: State
  package let index: Int

  private struct Word {
    let text: String
    let isDifferent: Bool
    /// Whether something is wrong.
    var isAlarm = false
    /// The order in which words are dropped when space runs out, highest first.
    let rank: Int
  }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let isFocused = index == state.focus
    let number = isFocused ? look.style(.accent, adding: [.reverse, .bold]) : look.style(.text, adding: .bold)
    var column = frame.write(" \(index + 1) ", number, column: part.column, row: part.row, end: part.endColumn) + 1
    var words = words
    while words.count > 1, words.reduce(-1, { $0 + $1.text.columns + 2 }) > part.endColumn - column {
      guard let worst = words.indices.max(by: { words[$0].rank < words[$1].rank }) else { break }
      words.remove(at: worst)
    }
    if words.count == 1, words[0].text == state.modelLabel(of: index) {
      let label = state.modelLabel(of: index, columns: max(1, part.endColumn - column)) ?? ""
      words[0] = Word(text: label, isDifferent: words[0].isDifferent, rank: 0)
    }
    for word in words {
      let alarm = look.style(.alarm, adding: [.reverse, .bold])
      let style =
        word.isAlarm ? alarm : word.isDifferent ? look.style(.accent, adding: .bold) : look[isFocused ? .text : .dim]
      column = frame.write(word.text, style, column: column, row: part.row, end: part.endColumn) + 2
    }
  }

  private var words: [Word] {
    let pane = state.panes[index], own = pane.request
    let other = state.panes[state.compare.reference].request
    func word(_ setting: Setting, rank: Int) -> Word {
      let isDifferent = setting.title(of: own) != setting.title(of: other)
      return Word(text: setting.title(of: own), isDifferent: isDifferent, rank: rank)
    }
    var words = [word(.seeds, rank: 0)] + model
    words += [.image, .call].filter { !$0.isUsual(in: own) }.map { word($0, rank: 0) }
    if pane.alarm != nil { words.append(Word(text: "NaN", isDifferent: false, isAlarm: true, rank: 0)) }
    if index == state.compare.reference { words.append(Word(text: "ref", isDifferent: false, rank: 1)) }
    let steps = "\(pane.position)/\(pane.stepCount)"
    words.append(Word(text: steps, isDifferent: word(.steps, rank: 2).isDifferent, rank: 2))
    if own.settings.variation != nil { words.append(word(.variation, rank: 3)) }
    words.append(word(.device, rank: word(.device, rank: 4).isDifferent ? 4 : 8))
    let shown: [Setting] = [.seeds, .image, .call, .steps, .variation, .device]
    let others = Setting.ofRunSettings.filter { !shown.contains($0) }.enumerated()
    return words + others.map { word($1, rank: 4 + $0) }.filter(\.isDifferent)
  }

  /// The model, if the runs use several. It is the last word to be dropped.
  private var model: [Word] {
    guard let label = state.modelLabel(of: index) else { return [] }
    let reference = state.panes[state.compare.reference].request.model
    return [Word(text: label, isDifferent: state.panes[index].request.model != reference, rank: 0)]
  }
}
