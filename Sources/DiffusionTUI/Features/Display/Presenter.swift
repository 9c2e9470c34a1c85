/// The state of `--presenter`, which adapts the screen to a projector: bold text with more space and fewer numbers,
/// slow playback, and the pressed keys in a corner.
package struct Presenter: Sendable, Equatable {
  /// A key, pressed once or several times in a row.
  package struct Press: Sendable, Equatable {
    package let key: Key
    package fileprivate(set) var count = 1
  }

  /// The last keys pressed, most recent last.
  package private(set) var keys: [Press] = []

  /// The maximum number of keys on the screen.
  private static let mostKeys = 4

  package init() {}

  /// Records a key press.
  package mutating func note(_ key: Key) {
    if let last = keys.last, last.key == key {
      keys[keys.count - 1].count += 1
    } else {
      keys = keys.suffix(Self.mostKeys - 1) + [Press(key: key)]
    }
  }
}

extension State {
  /// Switches to presenter mode. Playback becomes slow, unless it is already.
  public mutating func present() {
    display.presenter = Presenter()
    if playback.speed.interval < PlaybackSpeed.onePerSecond.interval { playback.speed = .onePerSecond }
  }
}
