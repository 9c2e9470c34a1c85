import Synchronization

/// A queue of actions from other threads to the terminal's. Any thread may post.
package final class Mailbox: Sendable {
  /// An action, and the work that it answers.
  package struct Letter: Sendable {
    /// The number of the work; answers to work that has been cancelled since are dropped. Nil for work that cannot be
    /// cancelled.
    package let work: Int?
    /// The action.
    package let action: Action
  }

  private let letters = Mutex<[Letter]>([])
  private let wake: @Sendable () -> Void

  /// Creates an empty mailbox.
  ///
  /// - Parameter wake: Wakes the terminal's thread.
  package init(wake: @escaping @Sendable () -> Void) {
    self.wake = wake
  }

  /// Adds an action. Only the latest progress is kept: a fast model reports more than can be shown.
  package func post(_ action: Action, of work: Int? = nil) {
    let letter = Letter(work: work, action: action)
    let wasEmpty = letters.withLock { letters in
      let wasEmpty = letters.isEmpty
      if let last = letters.last, action.replaces(last.action) {
        letters[letters.count - 1] = letter
      } else {
        letters.append(letter)
      }
      return wasEmpty
    }
    if wasEmpty { wake() }
  }

  /// Removes and returns all letters, in the order in which they were posted.
  package func takeAll() -> [Letter] {
    letters.withLock { letters in
      defer { letters = [] }
      return letters
    }
  }
}

extension Action {
  /// Whether it is later progress of the same kind.
  fileprivate func replaces(_ earlier: Action) -> Bool {
    switch (self, earlier) {
    case (.progress, .progress): true
    case (.modelOpening(let run, _), .modelOpening(let other, _)): run == other
    default: false
    }
  }
}
