/// The actions that move through the steps of runs.
public enum PlaybackAction: FeatureAction {
  case togglePlay, stepForward, stepBack, leapForward, leapBack, first, last, slower, faster, toggleLoop

  package static let chapter = KeyBinding.Chapter.steps
  package var action: Action { .playback(self) }

  package var row: KeyRow {
    switch self {
    case .togglePlay:
      KeyRow(
        .character(" "), name: "play-pause", label: "play", help: "play and pause; at the end, replay", rank: 2)
    case .stepForward:
      KeyRow(
        .right, .character("l"), name: "step-forward", label: "step", help: "one step forward; repeat to queue more",
        rank: 3)
    case .stepBack:
      KeyRow(
        .left, .character("h"), name: "step-back", label: "back", help: "one step back, or drop the queue", rank: 4)
    case .leapForward:
      KeyRow(.pageDown, name: "leap-forward", label: "leap", help: "\(State.leap) steps forward", yields: true)
    case .leapBack:
      KeyRow(.pageUp, name: "leap-back", label: "leap-back", help: "\(State.leap) steps back", yields: true)
    case .first:
      KeyRow(.home, name: "first-step", label: "start", help: "to the noise; what was computed is kept", rank: 14)
    case .last: KeyRow(.end, name: "last-step", label: "end", help: "run to the last step", rank: 13)
    case .slower:
      KeyRow(.character("<"), name: "slower", label: "slower", help: "slower playback, down to 1 step in 2 s", rank: 16)
    case .faster:
      KeyRow(
        .character(">"), name: "faster", label: "faster", help: "faster playback, up to as fast as can be", rank: 17)
    case .toggleLoop:
      KeyRow(
        .character("A"), name: "loop-playback", label: "loop", help: "play again from the noise at the end, or not",
        rank: 19, yields: true)
    }
  }
}

extension State {
  /// The steps of a leap.
  fileprivate static let leap = 10

  /// Sets the speed, and says so where no line shows it.
  private mutating func play(at speed: PlaybackSpeed) {
    playback.speed = speed
    news = "playback: \(playback.label)"
  }

  mutating func act(_ action: PlaybackAction) -> [Effect] {
    switch action {
    case .togglePlay: return togglePlay()
    case .stepForward: return stepForward()
    case .stepBack: return stepBack()
    case .leapForward: return (0..<Self.leap).flatMap { _ in stepForward() }
    case .leapBack: return (0..<Self.leap).flatMap { _ in stepBack() }
    case .first: return goToFirst()
    case .last: return goToLast()
    case .slower: play(at: playback.speed.slower)
    case .faster: play(at: playback.speed.faster)
    case .toggleLoop: toggleLoop()
    }
    return []
  }
}
