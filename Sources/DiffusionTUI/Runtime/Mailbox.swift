import Synchronization

/// Actions on their way from other threads to the terminal's. Any thread may post.
package final class Mailbox: Sendable {
  /// An action, and the work that it answers.
  package struct Letter: Sendable {
    /// The number of the work; answers to work that was cancelled meanwhile are not opened. Nil for what is not
    /// cancelled.
    package let work: Int?
    /// What happened.
    package let action: Action
  }

  private let letters = Mutex<[Letter]>([])
  private let wake: @Sendable () -> Void

  /// Makes an empty one.
  ///
  /// - Parameter wake: Tells the terminal's thread that there is something.
  package init(wake: @escaping @Sendable () -> Void) {
    self.wake = wake
  }

  /// Adds an action. Of progress only the latest waits: a fast model tells more of it than can be shown.
  package func post(_ action: Action, of work: Int? = nil) {
    let letter = Letter(work: work, action: action)
    let wasEmpty = letters.withLock { letters in
      let wasEmpty = letters.isEmpty
      if case .progress = action, let last = letters.last, case .progress = last.action {
        letters[letters.count - 1] = letter
      } else {
        letters.append(letter)
      }
      return wasEmpty
    }
    if wasEmpty { wake() }
  }

  /// Takes everything, in the order in which it was posted.
  package func takeAll() -> [Letter] {
    letters.withLock { letters in
      defer { letters = [] }
      return letters
    }
  }
}
