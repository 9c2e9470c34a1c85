import DiffusionCore
import DiffusionTUI
import TestSupport

/// A run whose model halves the sample in each step. Its second step can fail, or report that it is not finite and make
/// every element one value.
struct ScriptedRun: SteppableRun {
  var settings: RunSettings
  var schedulerRecord = ReceiptScheduler.ddim
  let schedule: [UpdateTerms]
  let initialNoise: Tensor<Float>
  private let failure: DiffusionError?
  private let nonFinite: NonFiniteLayer?
  private let value: Float?
  /// What its decoder makes a NaN of, although samples are finite; nil for finite images.
  var decoder: NonFiniteLayer?
  private var sample: Tensor<Float>
  private(set) var completedSteps = 0

  init(
    shape: [Int] = [1, 3, 2, 2], steps: Int = 3, failure: DiffusionError? = nil, nonFinite: NonFiniteLayer? = nil,
    value: Float? = nil
  ) throws {
    settings = RunSettings(seeds: [7], batchSize: shape[0], steps: steps, threads: 1)
    schedule = (0..<steps).map { UpdateTerms(timestep: Float(900 - 300 * $0), alphaCumprod: 0.5, sigma: 0) }
    let count = shape.reduce(1, *)
    initialNoise = try Tensor(shape: shape, scalars: (0..<count).map { Float($0) / Float(count) * 4 - 2 })
    sample = initialNoise
    self.failure = failure
    self.nonFinite = nonFinite
    self.value = value
  }

  func images(of sample: Tensor<Float>) throws -> Tensor<Float> {
    let images = sample.imagesFromSamples()
    return decoder == nil ? images : images.map { _ in .nan }
  }

  func firstNonFiniteLayer(
    decoding sample: Tensor<Float>, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? { decoder }

  mutating func step(progress: ForwardProgressHandler?) throws -> DenoisingStep {
    try progress?(ForwardProgress(block: "conv_in", completed: 0, total: 1))
    if let failure, completedSteps == 1 { throw failure }
    let value = completedSteps == 1 ? value : nil
    let next = sample.map { value ?? $0 / 2 }
    let step = DenoisingStep(
      index: completedSteps, terms: schedule[completedSteps], sample: sample,
      modelOutput: sample.map { -$0 },
      predOriginalSample: next, prevSample: next, nonFinite: completedSteps == 1 ? nonFinite : nil, seconds: 0.25)
    sample = next
    completedSteps += 1
    return step
  }
}
