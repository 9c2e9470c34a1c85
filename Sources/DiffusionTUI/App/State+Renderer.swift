/// How pictures are drawn.
extension State {
  /// Takes the next renderer that the screen can show.
  mutating func cycleRenderer() {
    let all = ImageRendererKind.allCases.filter { $0.isAvailable(on: capabilities) }
    if all.count < 2 {
      let other = ImageRendererKind.halfBlock
      notice = "pictures stay an \(shownRenderer.label): \(other.label)s take \(other.requirement)"
    }
    let index = all.firstIndex(of: shownRenderer) ?? all.count - 1
    if !all.isEmpty { renderer = all[(index + 1) % all.count] }
  }

  /// Takes a renderer by its name; one that the screen cannot show is kept in mind, and why it is not seen is said.
  mutating func pick(_ kind: ImageRendererKind) {
    renderer = kind
    if !kind.isAvailable(on: capabilities) {
      notice = "\(kind.label) takes \(kind.requirement): pictures are drawn by \(shownRenderer.label)"
    }
  }
}
