import DiffusionCore

/// The runs of a sweep's cells. Cells that differ in one seed alone are twins: a run is checked once for all of them,
/// which is what a hundred thousand cells take.
package struct SweepRuns {
  private let request: SweepRequest
  /// The number of the axis of seeds; nil if there is none, or if something else varies along it too.
  private let axis: Int?
  /// Runs by what their twins share.
  private var known: [[Int]: RunRequest] = [:]
  /// The runs that are kept at once.
  private static let capacity = 1000

  /// Creates the runs of a request, and checks none.
  package init(_ request: SweepRequest) {
    self.request = request
    axis = request.folder.plan.axes.firstIndex { $0.keys.count == 1 && Setting.seeds.isCalled($0.keys[0]) }
  }

  /// The run of a cell, as ``SweepRequest/run(of:)`` makes it.
  ///
  /// - Throws: As ``SweepRequest/run(of:)``.
  package mutating func run(of cell: Int) throws -> RunRequest {
    guard let (shared, seed) = twin(of: cell) else { return try request.run(of: cell) }
    // A seed that is refused is refused again below, with the name of its cell.
    if var twin = known[shared], (try? Setting.seeds.assign(seed, to: &twin)) != nil { return twin }
    let run = try request.run(of: cell)
    if known.count == Self.capacity { known = [:] }
    known[shared] = run
    return run
  }

  /// What a cell has in common with its twins: its places along the other axes; nil if it has none.
  func sharedPlaces(of cell: Int) -> [Int]? { twin(of: cell)?.shared }

  /// What a cell has in common with its twins, and its own seed; nil for a list of seeds, which the batch depends on.
  private func twin(of cell: Int) -> (shared: [Int], seed: SettingValue)? {
    guard let axis else { return nil }
    let plan = request.folder.plan
    var places = plan.places(of: cell)
    let seed = plan.axes[axis].values[0][places[axis]]
    if case .list = seed { return nil }
    places[axis] = 0
    return (places, seed)
  }
}
