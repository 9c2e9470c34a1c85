/// The menu of files that can be written, and the line for the file's name. Pure: it returns what to write and changes
/// nothing else.
package struct ExportMenu: Sendable, Equatable {
  /// The outcome of a key press.
  package enum Outcome: Sendable, Equatable {
    case open, closed
    /// Write a file of this kind under that name.
    case write(ExportKind, name: String, ExplorerExport.Collision)
    /// A kind was selected and needs a proposed name.
    case name(ExportKind)
  }

  /// The line for a file's name.
  package struct Naming: Sendable, Equatable {
    /// The kind of file.
    package let kind: ExportKind
    /// The proposed name.
    let proposal: String
    /// The text typed so far; initially the proposal.
    package fileprivate(set) var text: String
    /// The name of an existing file, which Enter replaces.
    package var taken: String?
    /// Why it could not be written, in one line.
    package var error: String?

    init(_ kind: ExportKind, proposal: String) {
      (self.kind, self.proposal, text) = (kind, proposal, proposal)
    }

    /// Types a longer text, up to a number of characters; says what is left out.
    fileprivate mutating func extend(_ text: String, to longest: Int) {
      type(text.prefix(scalars: longest))
      let left = text.unicodeScalars.count - longest
      if left > 0 { error = "the last \(left) characters are left out: a name has at most \(longest)" }
    }
  }

  private static let longestName = 240

  /// The index of the selected line.
  package private(set) var selection = 0
  /// The name that is being typed; nil while the list is open.
  package internal(set) var naming: Naming?

  /// Creates a menu with its first line selected.
  package init() {}

  /// The selected kind.
  package var chosen: ExportKind { ExportKind.allCases[selection] }

  /// Handles a key press. The caller handles Ctrl-C and Ctrl-Z.
  package mutating func press(_ key: Key) -> Outcome {
    guard let naming else { return pressList(key) }
    return press(key, naming)
  }

  /// Types text into the name, if it is open.
  mutating func insert(_ text: String) {
    if let name = naming?.text { naming?.extend(name + text, to: Self.longestName) }
  }

  /// Opens the line for the name.
  mutating func propose(_ name: String, for kind: ExportKind) {
    selection = ExportKind.allCases.firstIndex(of: kind) ?? selection
    naming = Naming(kind, proposal: name)
  }

  private mutating func pressList(_ key: Key) -> Outcome {
    let count = ExportKind.allCases.count
    switch key {
    case .escape, .character("x"), .character("q"): return .closed
    case .up, .backTab, .character("k"): selection = (selection + count - 1) % count
    case .down, .tab, .character("j"): selection = (selection + 1) % count
    case .home, .pageUp: selection = 0
    case .end, .pageDown: selection = count - 1
    case .enter: return .name(chosen)
    case .character(let letter):
      guard let index = ExportKind.allCases.firstIndex(where: { $0.letter == letter }) else { break }
      selection = index
      return .name(chosen)
    default: break
    }
    return .open
  }

  private mutating func press(_ key: Key, _ open: Naming) -> Outcome {
    var line = open
    switch key {
    case .escape:
      naming = nil
      return .open
    case .enter where line.text.isEmpty: line.error = "a file needs a name, such as \(line.proposal)"
    case .enter: return .write(line.kind, name: line.text, collision(line))
    case .character(let character): line.extend(line.text + String(character), to: Self.longestName)
    case .backspace: line.type(String(line.text.dropLast()))
    case .delete, .control("u"): line.type("")
    default: break
    }
    naming = line
    return .open
  }

  /// A proposed name gets the next free number; a typed one was chosen on purpose, so replacing a file needs
  /// confirmation.
  private func collision(_ line: Naming) -> ExplorerExport.Collision {
    if line.text == line.proposal { return .number }
    return line.taken == line.text ? .replace : .refuse
  }
}

extension ExportMenu.Naming {
  fileprivate mutating func type(_ text: String) {
    self.text = text
    (taken, error) = (nil, nil)
  }
}
