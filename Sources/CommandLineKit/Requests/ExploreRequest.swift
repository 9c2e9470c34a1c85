import DiffusionCore
import DiffusionTUI

/// What `explore` was asked for, read and checked.
public struct ExploreRequest: Sendable {
  /// The model that MODEL names, which sessions belong to.
  public let model: ModelReference
  /// The first run.
  public let run: RunRequest
  /// The runs beside it.
  public let others: [RunRequest]
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
  /// - Parameter runs: Every run, at least one.
  /// - Throws: ``DiffusionError`` (`usage`) if there is no run.
  init(
    model: ModelReference, runs: [RunRequest], appearance: Appearance, isPlain: Bool = false, gallery: SeedRange? = nil,
    resumesSession: Bool = false, savesSession: Bool = false, receipt: String? = nil, lesson: Lesson? = nil
  ) throws {
    guard let first = runs.first else {
      throw DiffusionError(.usage, "there is no run to show: expected at least one")
    }
    self.model = model
    run = first
    others = Array(runs.dropFirst())
    self.gallery = gallery
    self.appearance = appearance
    self.isPlain = isPlain
    self.resumesSession = resumesSession
    self.savesSession = savesSession
    self.receipt = receipt
    self.lesson = lesson
  }

  /// Every run, the first one's first.
  public var runs: [RunRequest] { [run] + others }

  /// The models that it begins with, each once.
  public var models: [ModelReference] {
    runs.map(\.model).reduce(into: []) { models, model in
      if !models.contains(model) { models.append(model) }
    }
  }
}
