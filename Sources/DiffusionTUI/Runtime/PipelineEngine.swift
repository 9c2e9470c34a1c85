import DiffusionCore

/// Makes runs of a pipeline that it opens when the first is asked for, with a model for each device and number of threads
/// that runs have, so that runs on different devices can take turns.
public struct PipelineEngine: DenoisingEngine {
  private let load: @Sendable () throws -> DDIMPipeline
  private var variants: PipelineVariants?

  /// Makes an engine.
  ///
  /// - Parameter load: Opens the pipeline; called again if it threw.
  public init(load: @escaping @Sendable () throws -> DDIMPipeline) {
    self.load = load
  }

  /// Makes a run, with the model on the settings' device and threads, and with their weights.
  public mutating func makeRun(_ settings: RunSettings) throws -> any SteppableRun {
    var variants = try self.variants ?? PipelineVariants(load())
    defer { self.variants = variants }
    return try variants.run(settings)
  }

  /// Runs of one model that stand at one timestep go through it as one batch.
  public func passes(of runs: [any SteppableRun]) -> [[Int]] {
    let own = runs.compactMap { $0 as? DenoisingRun }
    guard own.count == runs.count else { return runs.indices.map { [$0] } }
    let shared = DenoisingRun.sharedPasses(of: own)
    let taken = Set(shared.joined())
    return shared + runs.indices.filter { !taken.contains($0) }.map { [$0] }
  }

  /// Takes the steps in one forward pass, with the bits that each run has alone.
  public mutating func step(
    _ runs: inout [any SteppableRun], progress: @escaping ForwardProgressHandler
  ) -> [Result<DenoisingStep, any Error>] {
    var own = runs.compactMap { $0 as? DenoisingRun }
    guard own.count == runs.count else {
      return runs.indices.map { index in Result { try runs[index].step(progress: progress) } }
    }
    do {
      let results = try DenoisingRun.step(&own, progress: progress)
      runs = own
      return results
    } catch {
      return runs.map { _ in .failure(error) }
    }
  }
}
