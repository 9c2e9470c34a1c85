/// A step of a run with all its tensors, each `[batch, channels, height, width]`.
public struct DenoisingStep: Sendable, Equatable {
  /// The index of the step, from 0.
  public let index: Int
  /// The terms of the step, with its place on the schedule.
  public let terms: UpdateTerms
  /// x_t: the sample before the step.
  public let sample: Tensor<Float>
  /// The model's output: noise, sample or velocity, by the scheduler's prediction type; with twice the channels if it
  /// also predicts variances. With guidance, the guided one.
  public let modelOutput: Tensor<Float>
  /// What a guided prediction was made of; nil without guidance.
  public let guidance: GuidedPrediction?
  /// The scheduler's result.
  public let output: SchedulerOutput
  /// The first NaN or infinity of the step and its origin; nil if every tensor here is finite.
  public let nonFinite: NonFiniteLayer?
  /// The time that the step took.
  public let seconds: Double

  /// The training timestep of the model call.
  public var timestep: Float { terms.timestep }
  /// x_0 as predicted by the step, after clipping or thresholding.
  public var predOriginalSample: Tensor<Float> { output.predOriginalSample }
  /// x_{t-1}: the sample after the step.
  public var prevSample: Tensor<Float> { output.prevSample }
  /// The noise in x_t as predicted by the step.
  public var predEpsilon: Tensor<Float> { output.predEpsilon }
  /// The fresh noise of standard deviation 1 that the step added, before scaling; nil if it added none.
  public var varianceNoise: Tensor<Float>? { output.varianceNoise }

  /// Creates a step.
  public init(
    index: Int, terms: UpdateTerms, sample: Tensor<Float>, modelOutput: Tensor<Float>, output: SchedulerOutput,
    guidance: GuidedPrediction? = nil, nonFinite: NonFiniteLayer? = nil, seconds: Double
  ) {
    (self.index, self.terms, self.sample) = (index, terms, sample)
    (self.modelOutput, self.output, self.guidance) = (modelOutput, output, guidance)
    (self.nonFinite, self.seconds) = (nonFinite, seconds)
  }

  /// A tensor of the update; nil if the step has none.
  public subscript(operand: UpdateTerms.Operand) -> Tensor<Float>? {
    if let tensor = output.operands[operand] { return tensor }
    switch operand {
    case .sample: return sample
    case .predOriginalSample: return predOriginalSample
    case .predEpsilon: return predEpsilon
    case .noise: return varianceNoise
    default: return nil
    }
  }
}

/// The two predictions that guidance mixes.
public struct GuidedPrediction: Sendable, Equatable {
  /// Without the prompt, or with the negative one: `[batch, channels, height, width]`, with twice the channels if the
  /// model also predicts variances.
  public let unconditional: Tensor<Float>
  /// With the prompt, of the same shape.
  public let conditional: Tensor<Float>
  private let original: @Sendable (Tensor<Float>) throws -> Tensor<Float>

  /// Creates a pair.
  ///
  /// - Parameters:
  ///   - unconditional: The prediction without the prompt.
  ///   - conditional: The prediction with the prompt, of the same shape.
  ///   - original: Returns x_0 as the step would predict it from one of the two alone.
  public init(
    unconditional: Tensor<Float>, conditional: Tensor<Float>,
    original: @escaping @Sendable (Tensor<Float>) throws -> Tensor<Float>
  ) {
    (self.unconditional, self.conditional, self.original) = (unconditional, conditional, original)
  }

  /// x_0 as the step would predict it from one of the two alone, `[batch, channels, height, width]`. It is computed by
  /// each call, so that steps cost nothing more where nobody asks.
  ///
  /// - Parameter prediction: ``unconditional`` or ``conditional``.
  /// - Throws: What the scheduler's step throws.
  public func predOriginalSample(from prediction: Tensor<Float>) throws -> Tensor<Float> { try original(prediction) }

  /// Whether the predictions are equal.
  public static func == (left: GuidedPrediction, right: GuidedPrediction) -> Bool {
    (left.unconditional, left.conditional) == (right.unconditional, right.conditional)
  }
}

/// The sum of a step with measurements of its tensors: norms and deviations are in binary64.
public struct MeasuredUpdate: Sendable, Equatable {
  /// A product of the sum.
  public struct Term: Sendable, Equatable {
    /// The product.
    public let term: UpdateTerms.Term
    /// The L2 norm of its tensor; 0 for a tensor that is absent.
    public let tensorNorm: Double
    /// The standard deviation of its tensor; 0 for a tensor that is absent.
    public let tensorStd: Double

    /// The L2 norm of the product: its contribution to x_{t-1}.
    public var norm: Double { Double(term.coefficient.magnitude) * tensorNorm }
    /// The standard deviation of the product.
    public var std: Double { Double(term.coefficient.magnitude) * tensorStd }
  }

  /// The sum, with the coefficients that the step computed with.
  public let update: UpdateTerms
  /// Its products.
  public let terms: [Term]
  /// The sum itself, x_{t-1}, with coefficient 1.
  public let previous: Term
  /// The standard deviation of the predicted noise, whether or not it is part of the sum.
  public let predEpsilonStd: Double

  /// Measures a step.
  public init(_ step: DenoisingStep) {
    func measured(_ term: UpdateTerms.Term, _ tensor: Tensor<Float>?) -> Term {
      let statistics = tensor.map { TensorStatistics(of: $0, histogramBins: 0) }
      return Term(term: term, tensorNorm: statistics?.l2 ?? 0, tensorStd: statistics?.std ?? 0)
    }
    update = step.terms
    let terms = step.terms.terms.map { measured($0, step[$0.operand]) }
    predEpsilonStd =
      terms.first { $0.term.operand == .predEpsilon }?.tensorStd
      ?? TensorStatistics(of: step.predEpsilon, histogramBins: 0).std
    self.terms = terms
    let previous = UpdateTerms.Operand(.init("x_{t\u{2212}1}", ascii: "x_{t-1}"), "the sum")
    self.previous = measured(.init(.init("1"), 1, previous), step.prevSample)
  }
}
