import DiffusionCore
import DiffusionTUI

/// A request of `explore`, read and checked.
public struct ExploreRequest: Sendable {
  /// The model of the argument, to which sessions belong.
  public let model: ModelReference
  /// The first run.
  public private(set) var run: RunRequest
  /// Whether the number of steps of each run was given; otherwise it is that of the model's pipeline.
  public let statesSteps: [Bool]
  /// The runs next to it.
  public private(set) var others: [RunRequest]
  /// The seeds whose final images are shown first; nil for the run itself.
  public let gallery: GalleryEntries?
  /// The grid of a sweep that is shown first; nil for the run itself.
  public let sweep: SweepBoard?
  /// Whether the runs are a cell of that grid, and so start when it is left: the grid needs no model.
  package let showsCells: Bool
  /// The appearance of the explorer.
  public let appearance: Appearance
  /// Whether to read and write lines instead of showing a screen.
  public let isPlain: Bool
  /// Whether to resume the last session of the model.
  public let resumesSession: Bool
  /// Whether to save the session at the end.
  public let savesSession: Bool
  /// The file for the focused run's receipt; nil for none.
  public let receipt: String?
  /// The lesson to open; nil for none.
  public let lesson: Lesson?

  /// Creates a request.
  ///
  /// - Parameters:
  ///   - runs: Every run, at least one.
  ///   - statesSteps: Whether the number of steps of each was given; nil for all.
  /// - Throws: ``DiffusionError`` (`usage`) if there is no run.
  init(
    model: ModelReference, runs: [RunRequest], statesSteps: [Bool]? = nil, appearance: Appearance,
    isPlain: Bool = false, gallery: GalleryEntries? = nil, sweep: SweepBoard? = nil, showsCells: Bool = false,
    resumesSession: Bool = false, savesSession: Bool = false, receipt: String? = nil,
    lesson: Lesson? = nil
  ) throws {
    guard let first = runs.first else {
      throw DiffusionError(.usage, "there is no run to show: expected at least one")
    }
    self.model = model
    (run, self.statesSteps) = (first, statesSteps ?? runs.map { _ in true })
    others = Array(runs.dropFirst())
    (self.gallery, self.sweep, self.showsCells) = (gallery, sweep, showsCells)
    self.appearance = appearance
    self.isPlain = isPlain
    self.resumesSession = resumesSession
    self.savesSession = savesSession
    self.receipt = receipt
    self.lesson = lesson
  }

  /// The request with the number of steps of each model's pipeline where none was given. A model that cannot run says
  /// so in the explorer.
  ///
  /// - Parameter source: Opens the scheduler of a model.
  package func withUsualSteps(of source: (ModelReference) throws -> SchedulerSource) -> ExploreRequest {
    let runs = zip(runs, statesSteps).map { run, isStated in
      guard !isStated, let steps = try? source(run.model).usualSteps(run.settings.scheduler) else { return run }
      var run = run
      run.settings.steps = steps
      return run
    }
    var request = self
    (request.run, request.others) = (runs.first ?? run, Array(runs.dropFirst()))
    return request
  }

  /// Every run, the first one first.
  public var runs: [RunRequest] { [run] + others }

  /// The models of the initial runs, without repetition.
  public var models: [ModelReference] {
    runs.map(\.model).reduce(into: []) { models, model in
      if !models.contains(model) { models.append(model) }
    }
  }
}
