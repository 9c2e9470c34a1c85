/// Whether playback is on, its speed, and whether it starts again at the end.
package struct Playback: Sendable, Equatable {
  package var isPlaying = false
  /// At first a speed that the eye can follow.
  package var speed = PlaybackSpeed.eightPerSecond
  /// Whether it goes back to the noise at the end and plays on.
  package var isLooping = false

  /// The label on the screen.
  package var label: String { isLooping ? "\(speed.label), loop" : speed.label }
}

/// The speed of playback.
public enum PlaybackSpeed: Int, Sendable, CaseIterable {
  case halfPerSecond, onePerSecond, twoPerSecond, fourPerSecond, eightPerSecond, unlimited

  /// The delay after a step; zero for as fast as possible.
  package var interval: Duration {
    switch self {
    case .halfPerSecond: .seconds(2)
    case .onePerSecond: .seconds(1)
    case .twoPerSecond: .milliseconds(500)
    case .fourPerSecond: .milliseconds(250)
    case .eightPerSecond: .milliseconds(125)
    case .unlimited: .zero
    }
  }

  /// The label on the screen.
  package var label: String {
    switch self {
    case .halfPerSecond: "1 step/2s"
    case .onePerSecond: "1 step/s"
    case .twoPerSecond: "2 steps/s"
    case .fourPerSecond: "4 steps/s"
    case .eightPerSecond: "8 steps/s"
    case .unlimited: "max speed"
    }
  }

  /// The next slower speed, or the slowest.
  package var slower: PlaybackSpeed { PlaybackSpeed(rawValue: rawValue - 1) ?? .halfPerSecond }
  /// The next faster speed, or the fastest.
  package var faster: PlaybackSpeed { PlaybackSpeed(rawValue: rawValue + 1) ?? .unlimited }
}
