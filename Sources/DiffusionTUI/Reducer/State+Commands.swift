import DiffusionCore

extension State {
  /// A key press while the palette is open.
  mutating func pressPalette(_ key: Key) -> [Effect] {
    guard var palette else { return [] }
    switch palette.press(key, in: CommandContext(self)) {
    case .open:
      self.palette = palette
      return []
    case .closed:
      self.palette = nil
      return []
    case .run(let request):
      self.palette = nil
      return perform(request)
    }
  }

  /// Does what a command asks for.
  package mutating func perform(_ request: CommandRequest) -> [Effect] {
    if let effects = leaveGallery(for: request) { return effects + perform(request) }
    switch request {
    case .action(let action): return reduce(&self, action)
    case .move(let steps): return move(by: steps)
    case .go(let target): return scrub(to: target)
    case .set(let setting, let text): return assign(text, to: setting)
    case .view(let view): self.view = view
    case .renderer(let renderer): pick(renderer)
    case .theme(let name): themeIndex = themes.firstIndex { $0.name == name } ?? themeIndex
    case .speed(let speed): self.speed = speed
    case .gallery(let range): return openGallery(range)
    case .lesson(let name): return begin(lessonNamed: name)
    case .export(let kind, let name): return export(kind, to: name)
    case .mouse(let captures): return captures == capturesMouse ? [] : toggleMouse()
    }
    return []
  }

  /// As so many presses of the arrow.
  private mutating func move(by steps: Int) -> [Effect] {
    (0..<min(steps.magnitude, UInt(numTrainTimesteps))).flatMap { _ in steps > 0 ? stepForward() : stepBack() }
  }

  private mutating func assign(_ text: String, to setting: Setting) -> [Effect] {
    var request = pane.latestRequest
    do {
      try setting.type(text, into: &request, limits: settingLimits)
    } catch {
      notice = String(describing: error)
      return []
    }
    return restart(request)
  }
}
