/// Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598): a prediction goes from that without the prompt
/// beyond that with it.
package struct Guidance: Sendable, Equatable {
  /// Without the prompt, or with the negative one, for each image of the run.
  package let unconditional: ModelInput.Conditioning
  /// How far it goes: 1 is the prediction with the prompt.
  package let scale: Double
  /// How far it is scaled back to the deviation of the prediction with the prompt, 0 to 1.
  package let rescale: Double
  /// The channels, from the first on, that are guided; the others, variances, are those of the prediction with the
  /// prompt. Nil for all of them.
  package let guidedChannels: Int?

  /// Creates a guidance.
  package init(
    unconditional: ModelInput.Conditioning, scale: Double, rescale: Double = 0, guidedChannels: Int? = nil
  ) {
    (self.unconditional, self.scale, self.rescale) = (unconditional, scale, rescale)
    self.guidedChannels = guidedChannels
  }

  /// The guided prediction, in the order of operations of <doc:NumericsContract>.
  ///
  /// - Parameters:
  ///   - without: The prediction without the prompt, `[batch, channels, height, width]`.
  ///   - with: The prediction with the prompt, of the same shape.
  package func applied(to without: Tensor<Float>, _ with: Tensor<Float>) -> Tensor<Float> {
    let scale = Float(scale)
    var guided = without.scalars
    for index in guided.indices {
      let difference = with.scalars[index] - guided[index]
      guided[index] += scale * difference
    }
    let images = without.shape.first ?? 0
    if let guidedChannels, images > 0, without.shape.count > 1, guidedChannels < without.shape[1] {
      let each = guided.count / images, first = each / without.shape[1] * guidedChannels
      for image in 0..<images {
        let kept = image * each + first..<(image + 1) * each
        guided.replaceSubrange(kept, with: with.scalars[kept])
      }
    }
    guard rescale > 0, images > 0 else { return Tensor(unchecked: without.shape, guided) }
    let (taken, kept) = (Float(rescale), Float(1 - rescale)), each = guided.count / images
    for image in 0..<images {
      let range = image * each..<(image + 1) * each
      let factor = Self.deviation(with.scalars[range]) / Self.deviation(guided[range])
      for index in range {
        let rescaled = taken * (guided[index] * factor)
        guided[index] = rescaled + kept * guided[index]
      }
    }
    return Tensor(unchecked: without.shape, guided)
  }

  /// The sample standard deviation, in binary64 and rounded once.
  private static func deviation(_ values: ArraySlice<Float>) -> Float {
    let count = Double(values.count), mean = values.reduce(0.0) { $0 + Double($1) } / count
    let squares = values.reduce(0.0) { sum, value in
      let distance = Double(value) - mean
      return sum + distance * distance
    }
    return Float((squares / (count - 1)).squareRoot())
  }
}

/// A step whose model call predicts without and with the prompt, in the two halves of one batch.
package struct GuidedStep: StepInProgress {
  package private(set) var input: ModelInput
  private let guidance: Guidance
  private var plain: PlainStep

  /// Begins step `step` of a scheduler from x_t, as ``PlainStep``.
  package init(
    _ step: Int, of scheduler: any Scheduler, from sample: Tensor<Float>, isScaled: Bool = false,
    options: SchedulerOptions, conditioning: ModelInput.Conditioning, guidance: Guidance,
    noise: () throws -> Tensor<Float>
  ) throws {
    plain = try PlainStep(
      step, of: scheduler, from: sample, isScaled: isScaled, options: options, conditioning: conditioning,
      noise: noise)
    input = guidance.input(of: plain)
    self.guidance = guidance
  }

  package mutating func receive(
    _ modelOutput: Tensor<Float>, noise: () throws -> Tensor<Float>
  ) throws -> CompletedStep? {
    let (without, with) = modelOutput.halves()
    let prediction = GuidedPrediction(unconditional: without, conditional: with, original: plain.original)
    var completed = try plain.receive(guidance.applied(to: without, with), noise: noise)
    completed?.guidance = prediction
    if completed == nil { input = guidance.input(of: plain) }
    return completed
  }
}

extension Guidance {
  /// A step's input without and with the prompt, in the two halves of one batch.
  fileprivate func input(of plain: PlainStep) -> ModelInput {
    var first = plain.input
    first.conditioning = unconditional
    return ModelInput.joined([first, plain.input]) ?? first
  }
}

extension Tensor<Float> {
  /// The first and the second half of a batch, `[2 * batch, ...]`.
  fileprivate func halves() -> (Tensor<Float>, Tensor<Float>) {
    let shape = [(self.shape.first ?? 0) / 2] + self.shape.dropFirst(), count = scalars.count / 2
    return (
      Tensor(unchecked: shape, Array(scalars[..<count])), Tensor(unchecked: shape, Array(scalars[count..<count * 2]))
    )
  }
}
