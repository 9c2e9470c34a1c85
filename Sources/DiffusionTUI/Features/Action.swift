import DiffusionCore

/// Everything that can happen to the explorer: what people ask for, and what comes back from effects.
public enum Action: Sendable, Equatable {
  // What comes from the terminal.
  case key(Key)
  case mouse(MouseEvent)
  case paste(String)
  case resize(Size)
  case hangUp

  // What people ask for. Each feature says which keys, names and words its own have: see ``FeatureAction``.
  case playback(PlaybackAction)
  case run(RunAction)
  case compare(CompareAction)
  case gallery(GalleryAction)
  case inspect(InspectAction)
  case display(DisplayAction)
  case keep(KeepAction)
  case program(ProgramAction)

  // What comes back. `run` is the number that `Effect` gave; results of a run that is no longer shown are dropped.
  case runStarted(run: Int, RunDescription)
  /// How far the step has come that these runs take together.
  case progress(runs: [Int], ForwardProgress)
  case stepCompleted(run: Int, ShownStep)
  case runFailed(run: Int, message: String)
  case seedDrawn(Seed)
  /// What a step of a gallery's seeds came to.
  case galleryAdvanced(GalleryAdvance)
  /// The noise of a variation that is being edited.
  case noisePreviewed(RunDescription)
  /// What came of the file of that number.
  case exportEnded(number: Int, ExportResult)
  /// A run's command line, and whether the terminal took it; nil where nobody asked it to.
  case commandLine(String, isCopied: Bool?)
  /// The clock that an ``Effect/tick(after:)`` asked for.
  case tick
}

/// What people ask of a feature. Each case says its row of the key table: one without keys, a name and words for the
/// footer and help does not compile.
package protocol FeatureAction: CaseIterable, Equatable, Sendable {
  /// The chapter of help.
  static var chapter: KeyBinding.Chapter { get }
  /// Its keys, its name and its words.
  var row: KeyRow { get }
  /// What the reducer takes.
  var action: Action { get }
}

extension FeatureAction {
  /// The rows of the key table, in the order of help.
  static var bindings: [KeyBinding] { allCases.map { KeyBinding($0) } }
}

/// What a feature says of one of its actions.
package struct KeyRow: Sendable, Equatable {
  /// The keys as they come, any of which will do.
  let keys: [Key]
  /// What the palette and config.toml call it: words in small letters, joined by hyphens.
  let name: String
  /// The word in the footer.
  let label: String
  /// The line in help.
  let help: String
  /// When the footer gives it up for lack of room: the highest first; nil keeps it out of the footer.
  let rank: Int?

  init(_ keys: Key..., name: String, label: String, help: String, rank: Int? = nil) {
    (self.keys, self.name, self.label, self.help, self.rank) = (keys, name, label, help, rank)
  }
}
