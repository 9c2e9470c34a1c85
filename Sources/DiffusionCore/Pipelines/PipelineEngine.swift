/// Makes runs of pipelines, each of which it opens when the first run of it is asked for, with a model for each device
/// and number of threads that runs have, so that runs on different devices can take turns. A pipeline that no run uses
/// is let go, but for the one that was last asked for.
public struct PipelineEngine: DenoisingEngine {
  /// Opens the pipeline of a run's model, best as its settings ask for it.
  public typealias Open = @Sendable (RunRequest) throws -> DiffusionPipeline

  private let open: Open
  private var last: (model: ModelReference, variants: PipelineVariants)?
  private var resting: [ModelReference: RestingPipelineVariants] = [:]

  /// Makes an engine.
  ///
  /// - Parameter open: Called again for a model whose opening threw, or that was let go.
  public init(open: @escaping Open) {
    self.open = open
  }

  /// Makes a run of its model on the settings' device and threads, and with their weights. The models of other runs
  /// stay as they are, also where this throws.
  public mutating func makeRun(_ request: RunRequest) throws -> any SteppableRun {
    resting = resting.filter(\.value.isInUse)
    var variants = try variants(of: request)
    defer { last = (request.model, variants) }
    return try variants.run(request.settings)
  }

  /// The pipeline of a run: the one that was last asked for, or another, which is woken or opened while that one comes
  /// to rest.
  private mutating func variants(of request: RunRequest) throws -> PipelineVariants {
    if let last, last.model == request.model { return last.variants }
    let variants = try resting[request.model]?.awakened() ?? PipelineVariants(open(request))
    if let last { resting[last.model] = RestingPipelineVariants(last.variants) }
    resting[request.model] = nil
    last = nil
    return variants
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
