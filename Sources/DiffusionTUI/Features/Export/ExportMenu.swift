/// What can be written to a file, and the line with the file's name. Pure: it says what was asked for, and changes
/// nothing else.
package struct ExportMenu: Sendable, Equatable {
  /// What a key made of it.
  package enum Outcome: Sendable, Equatable {
    case open, closed
    /// Write this under that name.
    case write(ExportKind, name: String, ExplorerExport.Collision)
    /// A kind was chosen whose name is to be proposed.
    case name(ExportKind)
  }

  /// The line with a file's name.
  package struct Naming: Sendable, Equatable {
    /// What is to be written.
    package let kind: ExportKind
    /// What was proposed.
    let proposal: String
    /// What has been typed; the proposal at first.
    package fileprivate(set) var text: String
    /// The file that is there already, and that Enter replaces.
    package var taken: String?
    /// Why it could not be written, in one line.
    package var error: String?

    init(_ kind: ExportKind, proposal: String) {
      (self.kind, self.proposal, text) = (kind, proposal, proposal)
    }
  }

  private static let longestName = 240

  /// Which line of the list is chosen.
  package private(set) var selection = 0
  /// The name that is being typed; nil while the list is open.
  package internal(set) var naming: Naming?

  /// The list, with its first line chosen.
  package init() {}

  /// The chosen line.
  package var chosen: ExportKind { ExportKind.allCases[selection] }

  /// A key press. Ctrl-C and Ctrl-Z are the caller's.
  package mutating func press(_ key: Key) -> Outcome {
    guard let naming else { return pressList(key) }
    return press(key, naming)
  }

  /// Opens the line with the name.
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
    case .character(let character): line.type(String((line.text + String(character)).prefix(Self.longestName)))
    case .backspace: line.type(String(line.text.dropLast()))
    case .delete, .control("u"): line.type("")
    default: break
    }
    naming = line
    return .open
  }

  /// A name that was proposed takes the next number; one that was typed is somebody's wish, and asked about.
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
