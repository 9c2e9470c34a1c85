import DiffusionCore

/// The line above a pane: its number, and what it runs with. What differs from the reference stands out.
package struct PaneTitle {
  package let state: State
  package let index: Int

  private struct Word {
    let text: String
    let isDifferent: Bool
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
    for word in words {
      let style = word.isDifferent ? look.style(.accent, adding: .bold) : look[isFocused ? .text : .dim]
      column = frame.write(word.text, style, column: column, row: part.row, end: part.endColumn) + 2
    }
  }

  private var words: [Word] {
    let pane = state.panes[index]
    let own = pane.settings
    let other = state.panes[state.reference].settings
    func field(_ field: SettingField, _ text: String, rank: Int) -> Word {
      Word(text: text, isDifferent: field.text(of: own) != field.text(of: other), rank: rank)
    }
    var words = [Word(text: "seed \(SettingField.seed.text(of: own))", isDifferent: own.seeds != other.seeds, rank: 0)]
    if index == state.reference { words.append(Word(text: "ref", isDifferent: false, rank: 1)) }
    words.append(field(.steps, "\(pane.position)/\(pane.stepCount)", rank: 2))
    let more = [
      field(.eta, "eta \(SettingField.eta.text(of: own))", rank: 4), field(.device, own.device.description, rank: 5),
      field(.noiseDevice, "noise \(own.noiseDevice.rawValue)", rank: 6),
      Word(text: "\(own.threads) threads", isDifferent: own.threads != other.threads, rank: 7),
    ]
    return words
      + more.filter { $0.isDifferent || $0.rank == 5 }.map { word in
        Word(text: word.text, isDifferent: word.isDifferent, rank: word.isDifferent ? 3 : word.rank)
      }
  }
}
