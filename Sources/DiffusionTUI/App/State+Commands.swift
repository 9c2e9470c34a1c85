import DiffusionCore

extension State {
  /// Handles a key press while the palette is open.
  mutating func press(_ key: Key, in open: CommandPalette) -> [Effect] {
    var palette = open
    let outcome = palette.press(key, in: CommandContext(self))
    guard outcome != .open else {
      update(.palette(palette))
      return []
    }
    close(.palette)
    if case .run(let request) = outcome { return perform(request) }
    return []
  }

  /// Carries out a command.
  package mutating func perform(_ request: CommandRequest) -> [Effect] {
    if let effects = leaveGallery(for: request) ?? leaveSweep(for: request) { return effects + perform(request) }
    switch request {
    case .action(let action): return act(action)
    case .move(let steps): return move(by: steps)
    case .go(let target): return scrub(to: target)
    case .set(let setting, let text): return assign(text, to: setting)
    case .view(let view): self.view = view
    case .renderer(let renderer): pick(renderer)
    case .theme(let name): display.pickTheme(name)
    case .speed(let speed): playback.speed = speed
    case .gallery(let entries): return openGallery(entries)
    case .lesson(let name): return begin(lessonNamed: name)
    case .export(let kind, let name): return isInSweep ? refuseInSweep() : export(kind, to: name)
    case .mouse(let captures): return captures == pointer.isCaptured ? [] : toggleMouse()
    }
    return []
  }

  /// Moves by a number of steps, as that many presses of an arrow key would.
  private mutating func move(by steps: Int) -> [Effect] {
    (0..<min(steps.magnitude, UInt(numTrainTimesteps))).flatMap { _ in steps > 0 ? stepForward() : stepBack() }
  }

  private mutating func assign(_ text: String, to setting: Setting) -> [Effect] {
    if let reason = reasonAgainst(setting) {
      notice = reason
      return []
    }
    var request = pane.latestRequest
    do {
      try setting.type(text, into: &request, limits: settingLimits)
    } catch {
      notice = String(describing: error)
      return []
    }
    return restart(request, after: setting)
  }
}
