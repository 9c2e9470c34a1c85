/// The commands of the plain mode that ask for an answer and change nothing.
package enum PlainWord: String, Sendable, CaseIterable {
  case status, stats, hash, show, settings, schedule, help

  /// What it answers.
  package var help: String {
    switch self {
    case .status: "which step this is, and its timestep"
    case .stats: "the statistics of what is viewed, in words"
    case .hash: "the SHA-256 of what is viewed"
    case .show: "what is viewed as a picture of characters"
    case .settings: "every setting of the run"
    case .schedule: "the timestep of every step"
    case .help: "this list"
    }
  }
}
