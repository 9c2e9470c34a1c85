/// What `--presenter` adds for a projector: bold text with more room and fewer numbers, slow playback, and the keys
/// that were pressed, in a corner.
package struct Presenter: Sendable, Equatable {
  /// A key, pressed once or more often in a row.
  package struct Press: Sendable, Equatable {
    package let key: Key
    package fileprivate(set) var count = 1
  }

  /// The last keys, the latest last.
  package private(set) var keys: [Press] = []

  /// How many keys stay on the screen.
  private static let mostKeys = 4

  package init() {}

  /// Takes note of a key.
  package mutating func note(_ key: Key) {
    if let last = keys.last, last.key == key {
      keys[keys.count - 1].count += 1
    } else {
      keys = keys.suffix(Self.mostKeys - 1) + [Press(key: key)]
    }
  }
}

extension State {
  /// Turns the screen into one for a projector. Playback becomes slow, unless it is already.
  public mutating func present() {
    display.presenter = Presenter()
    if playback.speed.interval < PlaybackSpeed.onePerSecond.interval { playback.speed = .onePerSecond }
  }
}
