import DiffusionCore

/// A request of `sweep`, read and checked.
public struct SweepRequest: Sendable {
  /// The folder, with the plan.
  public let folder: SweepFolder
  /// The folder that the plan's models are looked for in first.
  public let modelFolder: String
  /// The part that this process takes.
  public let shard: SweepShard
  /// The device, the threads and the defaults, for what the plan does not state.
  public let base: RunRequest
  /// How progress goes to standard error.
  public let progress: GenerateRequest.Progress

  /// Creates a request.
  public init(
    folder: SweepFolder, modelFolder: String = ".", shard: SweepShard = .whole, base: RunRequest,
    progress: GenerateRequest.Progress = .line
  ) {
    (self.folder, self.modelFolder, self.shard) = (folder, modelFolder, shard)
    (self.base, self.progress) = (base, progress)
  }

  /// The run of a cell, whose models have the names that the plan gives them.
  ///
  /// - Throws: As ``SweepPlan/request(of:base:)``.
  package func run(of cell: Int) throws -> RunRequest { try folder.plan.request(of: cell, base: base) }
}

/// A model that a sweep or a check of receipts has opened.
public struct BatchModel {
  /// The model and its scheduler.
  public let pipeline: DiffusionPipeline
  /// Its files.
  public let record: ReceiptModel

  /// Creates a record of an opened model.
  public init(pipeline: DiffusionPipeline, record: ReceiptModel) {
    (self.pipeline, self.record) = (pipeline, record)
  }

  /// Opens the model of a run, as its settings ask for it.
  public typealias Open = (RunRequest) throws -> BatchModel
}

/// Runs that may take their steps together: their places in a list, by what they share.
struct RunGroups {
  /// What runs must share: the model with its device, and the schedule.
  private struct Key: Hashable {
    let model: String, schedule: [SettingValue]
  }

  private static let ofModel: [Setting] = [.device, .threads, .weights]
  private static let ofSchedule: [Setting] = [
    .height, .width, .steps, .priorSteps, .superResSteps, .scheduler, .schedulerOptions, .initImage, .strength, .invert,
    .branches, .batchSize, .image, .denoisingEnd,
  ]

  private var order: [Key: Int] = [:]
  /// The groups of runs that share places in a grid.
  private var shared: [[Int]: Int] = [:]
  private var models: [String: Int] = [:]
  private var groups: [(model: Int, members: [Int])] = []

  /// The groups, those of one model behind each other.
  var all: [[Int]] {
    groups.enumerated().sorted { ($0.element.model, $0.offset) < ($1.element.model, $1.offset) }.map(\.element.members)
  }

  /// Adds a run by its number.
  ///
  /// - Parameter places: What only runs of one group share, such as their places along the axes that matter; nil where
  ///   that is not known.
  mutating func append(_ number: Int, _ request: RunRequest, sharing places: [Int]? = nil) {
    let group = places.flatMap { shared[$0] } ?? self.group(of: request)
    groups[group].members.append(number)
    if let places { shared[places] = group }
  }

  /// The group of a run, which is begun if it is the first.
  private mutating func group(of request: RunRequest) -> Int {
    let model = (request.modelKeys + Self.ofModel.map { $0.text(of: request) }).joined(separator: "\u{0}")
    let key = Key(model: model, schedule: Self.ofSchedule.map { $0.value(of: request) })
    if let group = order[key] { return group }
    order[key] = groups.count
    let place = models[model] ?? models.count
    models[model] = place
    groups.append((place, []))
    return groups.count - 1
  }
}

extension RunRequest {
  /// What tells its networks from those of other runs: its model, and its refiner.
  var modelKeys: [String] { [model.key] + (settings.refiner.map { [$0.key] } ?? []) }
}
