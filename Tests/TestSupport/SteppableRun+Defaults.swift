import DiffusionCore
import DiffusionTUI

extension SteppableRun {
  /// DDIM with Diffusers' defaults.
  public var schedulerRecord: ReceiptScheduler { .ddim }
  /// The noise.
  public var initialSample: Tensor<Float> { initialNoise }
  /// Pixels.
  public func images(of sample: Tensor<Float>) throws -> Tensor<Float> { sample.imagesFromSamples() }
}

extension ReceiptScheduler {
  /// DDIM with Diffusers' defaults.
  public static var ddim: ReceiptScheduler { ReceiptScheduler(name: "ddim", config: DDIMSchedulerConfig().values) }
}

extension DenoisingStep {
  /// A step with the tensors relevant to a test; the predicted noise is the model's output by default.
  public init(
    index: Int, terms: UpdateTerms, sample: Tensor<Float>, modelOutput: Tensor<Float>,
    predOriginalSample: Tensor<Float>, prevSample: Tensor<Float>, predEpsilon: Tensor<Float>? = nil,
    varianceNoise: Tensor<Float>? = nil, guidance: GuidedPrediction? = nil, nonFinite: NonFiniteLayer? = nil,
    seconds: Double
  ) {
    self.init(
      index: index, terms: terms, sample: sample, modelOutput: modelOutput,
      output: SchedulerOutput(
        prevSample: prevSample, predOriginalSample: predOriginalSample, predEpsilon: predEpsilon ?? modelOutput,
        varianceNoise: varianceNoise),
      guidance: guidance, nonFinite: nonFinite, seconds: seconds)
  }
}

extension UpdateTerms {
  /// DDIM's update between two points of the schedule.
  public static func ddim(timestep: Float = 0, alphaProd: Float, alphaProdPrev: Float, sigma: Float) -> UpdateTerms {
    DDIMScheduler.Coefficients(
      timestep: timestep, alphaProdT: alphaProd, alphaProdTPrev: alphaProdPrev, sigma: sigma
    ).terms(sigma: sigma)
  }
}

extension MeasuredUpdate {
  /// The product of the predicted original sample.
  public var original: Term? { self[.predOriginalSample] }
  /// The product of the predicted noise.
  public var epsilon: Term? { self[.predEpsilon] }
  /// The product of the fresh noise.
  public var noise: Term? { self[.noise] }

  private subscript(operand: UpdateTerms.Operand) -> Term? { terms.first { $0.term.operand == operand } }
}
