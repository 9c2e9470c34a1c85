/// Keys that people bring from other programs. They work only where the key table has no action for them, so that a
/// user's own keys come first.
enum FamiliarKey: Equatable {
  /// It does what this action does.
  case action(Action)
  /// It does nothing; the message names the key that serves a purpose.
  case hint(_ purpose: String, Action)

  /// The meaning of a key over the runs; nil for a key without one.
  init?(_ key: Key) {
    switch key {
    case .enter: self = .action(.playback(.stepForward))
    case .backspace: self = .action(.playback(.stepBack))
    case .down, .character("j"): self = .action(.compare(.focusNext))
    case .up, .character("k"): self = .action(.compare(.focusPrevious))
    case .character("0"), .character("^"), .control("a"): self = .action(.playback(.first))
    case .character("$"), .control("e"): self = .action(.playback(.last))
    case .control("d"), .control("f"): self = .action(.playback(.leapForward))
    case .control("u"), .control("b"): self = .action(.playback(.leapBack))
    case .control("y"): self = .action(.run(.redo))
    case .function(1): self = .action(.program(.toggleHelp))
    case .delete: self = .hint("close a run", .compare(.closePane))
    case .function(2), .control("s"), .character("w"): self = .hint("write a file", .keep(.openExports))
    case .function(5): self = .hint("start again from the same noise", .run(.restart))
    case .function(10), .control("q"), .control("x"): self = .hint("quit", .program(.quit))
    case .control("p"), .character(";"): self = .hint("type a command", .program(.openPalette))
    default: return nil
    }
  }

  /// The key of a list that another one stands for: `j` moves down and `k` up, Ctrl-D and Ctrl-U by a page.
  static func listKey(_ key: Key) -> Key {
    switch key {
    case .character("j"): .down
    case .character("k"): .up
    case .control("d"), .control("f"): .pageDown
    case .control("u"), .control("b"): .pageUp
    default: key
    }
  }
}

/// Keys over the runs.
extension State {
  /// Handles a key that no layer took. One that changes nothing says why, or which key would.
  mutating func pressRuns(_ key: Key) -> [Effect] {
    let before = self
    let action: Action
    switch keyMap.action(for: key).map({ FamiliarKey.action($0) }) ?? FamiliarKey(key) {
    case .action(let meant): action = meant
    case .hint(let purpose, let meant):
      notice = "\(key.label) does nothing here: \(pressing(meant)) to \(purpose)"
      return []
    case nil:
      notice = reasonAgainst(unknown: key)
      return []
    }
    let effects = act(action)
    if effects.isEmpty, notice == nil, news == nil, self == before { notice = reasonOfNoChange(by: action) }
    return effects
  }

  /// The key that a list takes in place of another, unless the key table has an action for it.
  func listKey(_ key: Key) -> Key { keyMap.action(for: key) == nil ? FamiliarKey.listKey(key) : key }

  private func reasonAgainst(unknown key: Key) -> String {
    let help = "\(pressing(.program(.toggleHelp))) for all keys"
    guard case .character(let letter) = key else { return "\(key.label) has no meaning here: \(help)" }
    let swapped = letter.isUppercase ? letter.lowercased() : letter.uppercased()
    let other = keyMap.bindings.first { $0.keys.contains { $0.name == swapped } }
    let near = other.map { "\(swapped) is \($0.name), " } ?? ""
    return "\(letter) has no meaning here: \(near)\(help)"
  }

  /// Why an action changed nothing; nil where all is as it was asked to be.
  private func reasonOfNoChange(by action: Action) -> String? {
    switch action {
    case .playback(let action): isInGallery ? reasonInGallery(action) : reasonOfNoChange(by: action)
    case .compare(.setReference): "run \(focus + 1) is the reference already"
    // With others, the run has the focus already, as was asked.
    case .compare: isComparing ? nil : "this is the only run: \(pressing(.compare(.addPane))) to add one"
    case .inspect(.zoomOut): "the whole picture is shown: \(pressing(.inspect(.zoomIn))) to zoom in"
    case .inspect(.finerScale), .inspect(.coarserScale): "the scale of differences goes no further"
    case .inspect: run == nil ? reasonOfNoRun : "the pixel is at the edge of the picture"
    case .display(.cycleTheme): "there is no other theme"
    // Outside of lessons Backspace is a step back.
    case .lesson: reasonOfNoChange(by: Action.playback(.stepBack))
    default: "that changes nothing now: \(pressing(.program(.toggleHelp))) for all keys"
    }
  }

  private func reasonOfNoChange(by action: PlaybackAction) -> String {
    switch action {
    case .slower: "playback is as slow as it gets: \(pressing(.playback(.faster))) for a faster one"
    case .faster: "playback is as fast as it gets: \(pressing(.playback(.slower))) for a slower one"
    case _ where run == nil: reasonOfNoRun
    // The picture is of the run before: the keys are for the one that starts.
    case _ where pending != nil: reasonOfStart
    case .stepBack, .leapBack, .first:
      "this is the \(startName(of: focus)) before the first step: \(pressing(.playback(.stepForward))) to take one"
    case .togglePlay, .stepForward, .leapForward, .last, .toggleLoop:
      "this is the last step: \(pressing(.playback(.togglePlay))) to play it again"
    }
  }

  private func reasonInGallery(_ action: PlaybackAction) -> String {
    switch action {
    case .stepBack, .first: "this is the first image"
    default: "this is the last image: \(pressing(.gallery(.open))) for other seeds"
    }
  }

  private var reasonOfNoRun: String {
    isStarting ? reasonOfStart : "there is no run yet: \(pressing(.run(.restart))) to start it"
  }

  /// Why a run is not there yet, and how to stop the opening of its model.
  var reasonOfStart: String {
    guard panes.contains(where: { $0.pending?.opening != nil }) else { return "the run is starting" }
    let canStop = topLayer == nil || topLayer?.kind == .download
    return "the model is opening" + (canStop ? ": \(pressing(.program(.dismiss))) to stop it" : "")
  }
}
