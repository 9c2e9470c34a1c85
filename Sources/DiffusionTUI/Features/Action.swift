import DiffusionCore

/// Everything that can happen to the explorer: user actions, and the results of effects.
public enum Action: Sendable, Equatable {
  // Events from the terminal.
  case key(Key)
  case mouse(MouseEvent)
  case paste(String)
  case resize(Size)
  case hangUp

  // User actions. Each feature defines the keys, names and labels of its own: see ``FeatureAction``.
  case playback(PlaybackAction)
  case run(RunAction)
  case compare(CompareAction)
  case gallery(GalleryAction)
  case inspect(InspectAction)
  case display(DisplayAction)
  case keep(KeepAction)
  case program(ProgramAction)
  case lesson(LessonAction)

  // The results of effects. `run` is the number that `Effect` gave; results of a run that is no longer shown are
  // dropped.
  case runStarted(run: Int, RunDescription)
  /// The progress of opening the model of a run that has not started yet.
  case modelOpening(run: Int, OpeningProgress)
  /// The progress of the step that these runs take together.
  case progress(runs: [Int], ForwardProgress)
  case stepCompleted(run: Int, ShownStep)
  case runFailed(run: Int, message: String)
  case seedDrawn(Seed)
  /// The devices of the machine.
  case devicesListed([ListedDevice])
  /// The result of one step of a gallery's seeds.
  case galleryAdvanced(GalleryAdvance)
  /// What is in the folder of a sweep.
  case sweepFound(SweepFinding)
  /// The noise of a variation that is being edited.
  case noisePreviewed(RunDescription)
  /// The result of writing the file with that number.
  case exportEnded(number: Int, ExportResult)
  /// A run's command line, and whether the terminal accepted the copy; nil if no copy was requested.
  case commandLine(String, isCopied: Bool?)
  /// The image of a run's latents.
  case decoded(DecodeRequest, DecodedImage)
  case decodingFailed(DecodeRequest, message: String)
  /// The attention of a step.
  case attended(AttentionRequest, TokenMaps)
  case attentionFailed(AttentionRequest, message: String)
  /// The end of the wait that ``Effect/tick(after:)`` requested.
  case tick
}

extension Action {
  /// Whether the user asks for it, or it follows at once from what the user asked. All else is a report.
  var isAsked: Bool {
    switch self {
    case .key, .mouse, .paste, .playback, .run, .compare, .gallery, .inspect, .display, .keep, .program, .lesson,
      .seedDrawn:
      true
    case .resize, .hangUp, .runStarted, .modelOpening, .progress, .stepCompleted, .runFailed, .galleryAdvanced,
      .sweepFound, .noisePreviewed, .exportEnded, .commandLine, .decoded, .decodingFailed, .attended, .attentionFailed,
      .devicesListed, .tick:
      false
    }
  }
}

/// The actions of a feature. Each case has a row in the key table: one without keys, a name, a footer label and a help
/// line does not compile.
package protocol FeatureAction: CaseIterable, Equatable, Sendable {
  /// The help section.
  static var chapter: KeyBinding.Chapter { get }
  /// Its keys, name, label and help line.
  var row: KeyRow { get }
  /// The action that the reducer handles.
  var action: Action { get }
}

extension FeatureAction {
  /// The rows of the key table, in the order of help.
  static var bindings: [KeyBinding] { allCases.map { KeyBinding($0) } }
}

/// The key table entry of a feature's action.
package struct KeyRow: Sendable, Equatable {
  /// The default keys, any of which triggers the action.
  let keys: [Key]
  /// The name in the palette and config.toml: lowercase words joined by hyphens.
  let name: String
  /// The label in the footer.
  let label: String
  /// The line in help.
  let help: String
  /// The order in which the footer drops it when space runs out, highest first; nil keeps it out of the footer.
  let rank: Int?
  /// Whether a configuration may give its keys to another action without naming this one, as those of version 0.1.0
  /// may, which lacked it.
  let yields: Bool

  init(_ keys: Key..., name: String, label: String, help: String, rank: Int? = nil, yields: Bool = false) {
    (self.keys, self.name, self.label, self.help, self.rank) = (keys, name, label, help, rank)
    self.yields = yields
  }
}
