import DiffusionCore

/// The explorer as a conversation: each line is a command of the palette's grammar, and the answers are sentences. It
/// shares its state and reducer with the screen, so that the same commands give the same bits.
package struct PlainSession {
  private var player: SnapshotPlayer

  /// Creates a session.
  ///
  /// - Parameter player: A player at the noise of its first run, or before it.
  package init(player: SnapshotPlayer) { self.player = player }

  /// The current state.
  package var state: State { player.state }

  /// Whether a line asked to quit.
  package var hasEnded: Bool { player.hasEnded }

  /// Starts the first run and reports its status.
  ///
  /// - Throws: The error that keeps the run from starting.
  package mutating func start() throws -> [String] {
    try player.start()
    let report = PlainReport(player.state)
    return report.settings + report.status + ["Type help for the commands."]
  }

  /// Answers a line. A mistake is answered with a line that starts with "Error:", and the session continues. Empty
  /// lines and those that begin with `#` have no answer.
  ///
  /// - Throws: What the player's `checkCancellation` throws.
  package mutating func answer(_ line: String) throws -> [String] {
    let (name, value) = CommandParser.split(line.filter { !$0.isNewline })
    if name.isEmpty || name.hasPrefix("#") { return [] }
    if let word = PlainWord(rawValue: name), value.isEmpty { return answer(word) }
    do {
      return try perform(try PlainGrammar(player.state).request(name, value))
    } catch let error as DiffusionError {
      return [Self.mistake(error.message)]
    }
  }

  private mutating func perform(_ request: CommandRequest) throws -> [String] {
    try player.perform(request)
    if player.hasEnded { return [] }
    if let notice = player.state.notice { return [Self.mistake(notice)] }
    let news = player.state.news.map { [$0] } ?? []
    let report = PlainReport(player.state)
    switch request {
    case .export, .action(.keep(.copyCommandLine)): return news
    case .set, .action(.run(.randomSeed)), .action(.run(.undo)), .action(.run(.redo)):
      return report.settings + report.status + news
    case .action, .move, .go, .view, .renderer, .theme, .speed, .gallery, .lesson, .mouse: return report.status + news
    }
  }

  private static func mistake(_ message: String) -> String {
    "Error: \(message)" + (message.last.map { "?.!".contains($0) } == true ? "" : ".")
  }

  private func answer(_ word: PlainWord) -> [String] {
    let report = PlainReport(player.state)
    switch word {
    case .status: return report.status
    case .stats: return report.stats
    case .hash: return report.hash
    case .show: return report.picture
    case .settings: return report.settings
    case .schedule: return report.schedule
    case .help: return PlainGrammar(player.state).help
    }
  }
}
