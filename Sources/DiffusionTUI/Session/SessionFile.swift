/// What the session file holds: the last session of each model, the latest first.
package struct SessionFile: Codable, Sendable, Equatable {
  /// Which version of this format it is.
  package var format: Int
  /// The sessions, each model once.
  package var sessions: [SavedSession]

  /// The format that this program reads and writes.
  package static let currentFormat = 1
  /// How many models are remembered.
  package static let mostSessions = 16

  /// A file that remembers nothing.
  package init() {
    format = Self.currentFormat
    sessions = []
  }

  /// Puts a session first, in place of the model's earlier one.
  package mutating func remember(_ session: SavedSession) {
    sessions.removeAll { $0.model == session.model }
    sessions.insert(session, at: 0)
    sessions = Array(sessions.prefix(Self.mostSessions))
  }
}
