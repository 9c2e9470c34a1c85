/// The contents of the session file: the last session of each model, latest first.
package struct SessionFile: Codable, Sendable, Equatable {
  /// The version of the file format.
  package var format: Int
  /// The sessions, one for each model.
  package var sessions: [SavedSession]

  /// The format that this program reads and writes.
  package static let currentFormat = 1
  /// The maximum number of sessions kept.
  package static let mostSessions = 16

  /// Creates a file without sessions.
  package init() {
    format = Self.currentFormat
    sessions = []
  }

  /// Puts a session first, replacing the model's earlier one.
  package mutating func remember(_ session: SavedSession) {
    sessions.removeAll { $0.model == session.model }
    sessions.insert(session, at: 0)
    sessions = Array(sessions.prefix(Self.mostSessions))
  }
}
