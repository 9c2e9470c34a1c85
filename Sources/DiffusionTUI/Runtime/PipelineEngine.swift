import DiffusionCore

/// Makes runs of a pipeline that it opens when the first is asked for, and brings to the devices and numbers of threads
/// that the settings ask for. A model stays as long as there is a run with its device and threads, so that runs on
/// different devices can take turns.
public struct PipelineEngine: DenoisingEngine {
  private struct Place: Hashable {
    let device: Device
    let threads: Int
  }

  private let load: @Sendable () throws -> DDIMPipeline
  private var pipelines: [Place: DDIMPipeline] = [:]
  /// The pipeline of the latest run: what others are made of, and kept though no run may need it.
  private var latest: Place?

  /// Makes an engine.
  ///
  /// - Parameter load: Opens the pipeline; called again if it threw.
  public init(load: @escaping @Sendable () throws -> DDIMPipeline) {
    self.load = load
  }

  /// How many models there are.
  package var modelCount: Int { pipelines.count }

  /// Makes a run, with the model on the settings' device and threads.
  public mutating func makeRun(_ settings: RunSettings) throws -> any SteppableRun {
    let place = Place(device: settings.device, threads: settings.threads)
    let pipeline = try pipeline(at: place)
    pipelines[place] = pipeline
    latest = place
    return try pipeline.run(settings)
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

  /// Gives up the models of devices and threads that no run has.
  public mutating func retain(_ settings: [RunSettings]) {
    let places = Set(settings.map { Place(device: $0.device, threads: $0.threads) } + [latest].compactMap { $0 })
    pipelines = pipelines.filter { places.contains($0.key) }
  }

  private func pipeline(at place: Place) throws -> DDIMPipeline {
    if let pipeline = pipelines[place] { return pipeline }
    let pipeline = try latest.flatMap { pipelines[$0] } ?? load()
    return DDIMPipeline(
      unet: try pipeline.unet.on(place.device, threads: place.threads), scheduler: pipeline.scheduler)
  }
}
