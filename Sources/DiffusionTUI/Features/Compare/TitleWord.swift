/// A word in the title of a pane.
struct TitleWord {
  /// The text, and shorter forms of it, longest first. What a form lacks is marked in it.
  var forms: [String]
  let isDifferent: Bool
  /// Whether something is wrong.
  var isAlarm = false
  /// Words of rank 0 tell the run from the others, and those below are never left out. The others are shown while there
  /// is room, lowest first.
  let rank: Int
  /// The same among words of one rank.
  let order: Int
  /// The columns below which it is not shortened for the sake of words of a higher rank.
  var comfort = 0
  /// What a number is of, where its shorter forms do not say it.
  var label = ""
  /// What is cut where there is no room for the shortest form, if that is not this form itself.
  var whole: String?
  /// Whether it is cut at its beginning, even if its end is that of others.
  var keepsEnd = false
  /// The same word of the other panes, from which a cut one must still be told.
  var others: () -> [String] = { [] }

  var text: String { forms.first ?? "" }

  fileprivate var shortest: String { forms.last ?? "" }

  /// The shortest form in some columns, with a mark where something was cut: at its end, or at its beginning where only
  /// that tells it from the others.
  fileprivate func cut(to columns: Int, mark: String) -> String {
    if shortest.fits(columns: columns) { return shortest }
    let text = whole ?? shortest, others = others(), room = columns - label.columns
    guard !label.isEmpty, !text.hasPrefix(label), room >= TitleFit.readable else {
      return cut(text, to: columns, among: others, mark: mark)
    }
    let values = others.map { $0.hasPrefix(label) ? String($0.dropFirst(label.count)) : $0 }
    return label + cut(text, to: room, among: values, mark: mark)
  }

  private func cut(_ text: String, to columns: Int, among others: [String], mark: String) -> String {
    let room = max(0, columns - mark.columns), text = Self.value(text, mark)
    let others = others.map { Self.value($0, mark) }.filter { $0 != text }
    let start = text.prefix(columns: room), end = text.suffix(columns: room)
    let hasStart = !others.contains { $0.prefix(columns: room) == start }
    let hasEnd = !others.contains { $0.suffix(columns: room) == end }
    if hasStart, !keepsEnd, !shortest.hasPrefix(mark) { return start + mark }
    if hasEnd || keepsEnd { return end.hasPrefix(mark) ? end : mark + end }
    if hasStart { return start + mark }
    return room > TitleFit.readable ? text.shortened(columns: columns, among: others) : mark + end
  }

  /// A form without marks at its beginning and its end.
  private static func value(_ form: String, _ mark: String) -> String {
    let text = form.hasPrefix(mark) ? form.dropFirst(mark.count) : form[...]
    return String(text.hasSuffix(", \(mark)") ? text.dropLast(mark.count + 2) : text)
  }
}

/// The words of a title that a number of columns has room for.
struct TitleFit {
  let words: [TitleWord]
  let columns: Int
  /// What stands for something that was cut.
  let mark: String

  /// The columns below which a cut word says nothing, and those of words so short that they are not cut at all.
  static let readable = 5, short = 8

  private static let gap = 2

  /// The words in their order, each with the one form that is shown: first those that tell the run from the others,
  /// then as many more as there is room for.
  func fitted() -> [TitleWord] {
    let sorted = words.indices.sorted { (words[$0].rank, words[$0].order) < (words[$1].rank, words[$1].order) }
    let telling = sorted.filter { words[$0].rank <= 0 }
    var kept = telling.isEmpty ? Array(sorted.prefix(1)) : telling
    while kept.count > 1, !canBeRead(kept) { kept.removeLast() }
    guard var texts = layout(kept, isComfortable: false) else { return shown(kept, cut(kept)) }
    var hasAll = telling.isEmpty || kept.count == telling.count, rank = 1
    for next in sorted where !telling.contains(next) && !kept.contains(next) {
      // A word that says little does not take the place of one that says more.
      if words[next].rank > max(1, rank), !hasAll { break }
      rank = words[next].rank
      if rank <= 1, let more = layout(kept + [next], isComfortable: true) {
        (kept, texts) = (kept + [next], more)
      } else if width(texts + [words[next].text]) <= columns {
        (kept, texts) = (kept + [next], texts + [words[next].text])
      } else {
        hasAll = false
      }
    }
    return shown(kept, texts)
  }

  private func shown(_ kept: [Int], _ texts: [String]) -> [TitleWord] {
    zip(kept, texts).sorted { $0.0 < $1.0 }.map { index, text in
      var word = words[index]
      word.forms = [text]
      return word
    }
  }

  private func width(_ texts: [String]) -> Int { texts.reduce(-Self.gap) { $0 + $1.columns + Self.gap } }

  /// Whether there is room for some of each word.
  private func canBeRead(_ kept: [Int]) -> Bool {
    kept.reduce(-Self.gap) { $0 + least(of: words[$1]) + Self.gap } <= columns
  }

  private func least(of word: TitleWord) -> Int {
    let columns = word.shortest.columns
    return word.rank < 0 || columns <= Self.short ? columns : Self.readable
  }

  /// The longest forms of words for which there is room; nil if there is too little for the shortest.
  private func layout(_ kept: [Int], isComfortable: Bool) -> [String]? {
    let forms = kept.map { index in
      let word = words[index], least = isComfortable ? word.comfort : 0
      return word.forms.enumerated().map { (text: $1, columns: $1.columns, isFirst: $0 == 0) }
        .filter { $0.isFirst || $0.columns >= least }
    }
    var chosen = kept.map { _ in 0 }
    var excess = zip(forms, chosen).reduce(-Self.gap) { $0 + $1.0[$1.1].columns + Self.gap } - columns
    func move(_ word: Int, by change: Int) {
      excess -= forms[word][chosen[word]].columns
      chosen[word] += change
      excess += forms[word][chosen[word]].columns
    }
    while excess > 0 {
      let long = chosen.indices.filter { chosen[$0] + 1 < forms[$0].count }
      func size(_ word: Int) -> Int { forms[word][chosen[word]].columns }
      guard let longest = long.max(by: { size($0) < size($1) }) else { return nil }
      move(longest, by: 1)
    }
    // The last step may have made more room than it had to.
    for word in chosen.indices {
      while chosen[word] > 0 {
        move(word, by: -1)
        guard excess > 0 else { continue }
        move(word, by: 1)
        break
      }
    }
    return zip(forms, chosen).map { $0[$1].text }
  }

  /// The shortest forms, cut where they are too long: those first that tell least.
  private func cut(_ kept: [Int]) -> [String] {
    var widths = kept.map { words[$0].shortest.columns }
    var excess = widths.reduce(-Self.gap) { $0 + $1 + Self.gap } - columns
    for place in kept.indices.reversed() where excess > 0 {
      let least = kept.count == 1 ? 1 : least(of: words[kept[place]])
      let less = min(excess, max(0, widths[place] - least))
      widths[place] -= less
      excess -= less
    }
    return zip(kept, widths).map { words[$0].cut(to: $1, mark: mark) }
  }
}
