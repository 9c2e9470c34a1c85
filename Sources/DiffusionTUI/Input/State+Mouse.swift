extension State {
  /// Takes the mouse or lets go of it.
  mutating func toggleMouse() -> [Effect] {
    capturesMouse.toggle()
    notice =
      capturesMouse ? nil : "the mouse selects text now; \(keyMap.keyLabel(of: .toggleMouse) ?? "a key") takes it again"
    return [.captureMouse(capturesMouse)]
  }

  /// Types a pasted text into what is open. Elsewhere it is dropped: its letters were not meant as keys.
  mutating func paste(_ text: String) -> [Effect] {
    guard editor != nil || variationEditor != nil || palette != nil || exportMenu?.naming != nil else { return [] }
    return text.filter { !$0.isNewline && $0 != "\t" }.flatMap { press(.character($0)) }
  }
}
