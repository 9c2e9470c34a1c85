import DiffusionCore
import DiffusionTUI

/// What `explore` was asked for, read and checked.
public struct ExploreRequest: Sendable {
  /// The model that was named, or nil for the demo model.
  public let model: String?
  /// What the first run starts with.
  public let settings: RunSettings
  /// What the runs beside it start with.
  public let others: [RunSettings]
  /// The seeds whose final images it begins with; nil for the run itself.
  public let gallery: SeedRange?
  /// How it shall look.
  public let appearance: Appearance
  /// Whether lines are read and written instead of a screen.
  public let isPlain: Bool
  /// Whether it goes on where the last session of the model was.
  public let resumesSession: Bool
  /// Whether the next session may go on where this one ends.
  public let savesSession: Bool
  /// The file that keeps the focused run's receipt; nil for none.
  public let receipt: String?
  /// The lesson that it opens with; nil for none.
  public let lesson: Lesson?

  /// Describes a request.
  ///
  /// - Parameter runs: Every run's settings, at least one.
  /// - Throws: ``DiffusionError`` (`usage`) if there is no run.
  init(
    model: String?, runs: [RunSettings], appearance: Appearance, isPlain: Bool = false, gallery: SeedRange? = nil,
    resumesSession: Bool = false, savesSession: Bool = false, receipt: String? = nil, lesson: Lesson? = nil
  ) throws {
    guard let first = runs.first else {
      throw DiffusionError(.usage, "there is no run to show: expected at least one")
    }
    self.model = model
    settings = first
    others = Array(runs.dropFirst())
    self.gallery = gallery
    self.appearance = appearance
    self.isPlain = isPlain
    self.resumesSession = resumesSession
    self.savesSession = savesSession
    self.receipt = receipt
    self.lesson = lesson
  }
}
