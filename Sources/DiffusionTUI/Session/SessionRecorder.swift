import Dispatch
import Synchronization

/// Saves a session as it changes, away from the terminal's thread.
package final class SessionRecorder: Sendable {
  private struct Sessions {
    /// The latest session that was recorded.
    var last: SavedSession?
    /// The one that is not being written yet. A slow disk skips those in between.
    var next: SavedSession?
  }

  private let store: SessionStore
  private let sessions = Mutex(Sessions())
  private let writing = DispatchQueue(label: "session")

  /// Creates a recorder.
  ///
  /// - Parameter store: Writes the sessions.
  package init(_ store: SessionStore) { self.store = store }

  /// Saves a session soon, if it differs from the last one. A failure is not reported: it shows again at the end.
  package func record(_ session: SavedSession) {
    let isFirst = sessions.withLock { sessions in
      guard session != sessions.last else { return false }
      defer { (sessions.last, sessions.next) = (session, session) }
      return sessions.next == nil
    }
    guard isFirst else { return }
    writing.async { [self] in
      if let session = sessions.withLock({ $0.next.take() }) { try? store.save(session) }
    }
  }

  /// Saves the final session, once the recorded ones are written.
  ///
  /// - Throws: `DiffusionError` if the file cannot be written, or is from a later version.
  package func finish(_ session: SavedSession) throws {
    writing.sync {}
    try store.save(session)
  }
}
