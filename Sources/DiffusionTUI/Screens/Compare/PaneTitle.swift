import DiffusionCore

/// The line above a pane: its number, and what it runs with. What differs from the reference stands out.
package struct PaneTitle {
  package let state: State
  package let index: Int

  private struct Word {
    let text: String
    let isDifferent: Bool
    /// Whether something is wrong.
    var isAlarm = false
    /// Who goes first where room is short: the highest.
    let rank: Int
  }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let isFocused = index == state.focus
    let number = isFocused ? look.style(.accent, adding: [.reverse, .bold]) : look.style(.text, adding: .bold)
    var column = frame.write(" \(index + 1) ", number, column: part.column, row: part.row, end: part.endColumn) + 1
    var words = words
    while words.count > 1, words.reduce(-1, { $0 + $1.text.count + 2 }) > part.endColumn - column {
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
    let pane = state.panes[index], own = pane.settings
    let other = state.panes[state.reference].settings
    let seed = own.seeds.map(\.description).joined(separator: ",")
    let seeds = Word(
      text: own.seeds.count > 1 ? "seeds \(seed)" : "seed \(seed)", isDifferent: own.seeds != other.seeds, rank: 0)
    var words = [seeds] + model + selection(own, other)
    if pane.alarm != nil { words.append(Word(text: "NaN", isDifferent: false, isAlarm: true, rank: 0)) }
    if index == state.reference { words.append(Word(text: "ref", isDifferent: false, rank: 1)) }
    let steps = "\(pane.position)/\(pane.stepCount)"
    words.append(Word(text: steps, isDifferent: own.steps != other.steps, rank: 2))
    if let variation = own.variation {
      let text = "towards \(variation.seed) by \(NumberText.shortest(variation.strength))"
      words.append(Word(text: text, isDifferent: own.variation != other.variation, rank: 3))
    }
    let isDevice = own.device != other.device
    words.append(Word(text: own.device.description, isDifferent: isDevice, rank: isDevice ? 4 : 8))
    return words + differences(own, other)
  }

  /// The model, where the runs are of several. It stays where there is room for one word alone.
  private var model: [Word] {
    guard let label = state.modelLabel(of: index) else { return [] }
    let reference = state.panes[state.reference].request.model
    return [Word(text: label, isDifferent: state.panes[index].request.model != reference, rank: 0)]
  }

  /// Which of the numbers that the generators draw; nothing where it is all of the first call.
  private func selection(_ own: RunSettings, _ other: RunSettings) -> [Word] {
    let (call, image) = (own.selection.call, own.selection.image)
    var words: [Word] = []
    if let image {
      let isDifferent = own.selection.image != other.selection.image || own.batchSize != other.batchSize
      words.append(Word(text: "image \(image)/\(own.batchSize)", isDifferent: isDifferent, rank: 0))
    }
    if call > 1 {
      words.append(Word(text: "call \(call)", isDifferent: call != other.selection.call, rank: 0))
    }
    return words
  }

  /// What is worth a word only where it differs.
  private func differences(_ own: RunSettings, _ other: RunSettings) -> [Word] {
    let words = [
      ("eta \(SettingField.eta.text(of: state.panes[index].request))", own.eta != other.eta),
      ("noise \(own.noiseDevice.rawValue)", own.noiseDevice != other.noiseDevice),
      (own.weights.rawValue, own.weights != other.weights),
      ("\(own.threads) threads", own.threads != other.threads),
    ]
    return words.enumerated().filter(\.element.1).map { place, word in
      Word(text: word.0, isDifferent: true, rank: 4 + place)
    }
  }
}
