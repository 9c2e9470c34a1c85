/// Follows a run and finds the first tensor that differs from the receipt's.
public struct ReceiptRun: Sendable {
  private let expected: ReceiptResult
  private let reference: ReceiptTrace?

  /// Creates a comparison of a run with a receipt.
  ///
  /// - Parameters:
  ///   - receipt: The expected result.
  ///   - reference: The tensors of the original run, if available, which give the exact size of a difference.
  public init(_ receipt: Receipt, reference: ReceiptTrace? = nil) {
    (expected, self.reference) = (receipt.result, reference)
  }

  /// Compares the inputs of a run: its timesteps, its noise, and the sample of its first step if the receipt has it.
  public func difference(
    timesteps: [Float], initialNoise: Tensor<Float>, initialSample: Tensor<Float>? = nil
  ) -> ReceiptDifference? {
    if let difference = difference(timesteps: timesteps) { return difference }
    let noise = difference(
      .initialNoise, initialNoise, expected.initialNoise, name: "the initial noise", file: ReceiptTrace.initialNoise,
      reason: "so the seeds, the batch, the generator device, the variation or the image size are not those of the run")
    if let noise { return noise }
    guard let sample = expected.initialSample, let initialSample else { return nil }
    return difference(
      .initialSample, initialSample, sample, name: "the picture with noise added", file: ReceiptTrace.sample(0),
      reason: "though the noise is equal: so the picture is not that of the run")
  }

  /// Compares a step: the model output, then the sample.
  public func difference(step: DenoisingStep) -> ReceiptDifference? {
    guard expected.steps.indices.contains(step.index) else {
      return ReceiptDifference(
        .timesteps, step: step.index,
        message: "step \(step.index) is one too many: the receipt has \(expected.steps.count)")
    }
    let receipt = expected.steps[step.index], name = "step \(step.index) (timestep \(step.timestep.wholeText))"
    let output = difference(
      .modelOutput, step.modelOutput, receipt.modelOutput, step: step.index, name: "\(name): the model output",
      file: ReceiptTrace.modelOutput(step.index),
      reason: "though the sample that enters is equal: so the weights in use or the arithmetic are not those of the run"
    )
    if let output { return output }
    return difference(
      .prevSample, step.prevSample, receipt.prevSample, step: step.index, name: "\(name): x_{t-1}",
      file: ReceiptTrace.sample(step.index + 1),
      reason:
        "though the model output is equal: so eta, clipped model output or the noise of the step are not "
        + "those of the run"
    )
  }

  /// Compares the images, `[batch, height, width, channels]` in [0, 1].
  public func difference(images: Tensor<Float>) -> ReceiptDifference? {
    let found = ReceiptResult.Images(images)
    guard found.sha256 != expected.images.sha256 || found.shape != expected.images.shape else { return nil }
    let change = found.absoluteSum - expected.images.absoluteSum
    return ReceiptDifference(
      .images, expected: expected.images.sha256, found: found.sha256, statistics: ["abs_sum": change],
      message: "the images differ: sha256 \(found.sha256) of shape \(found.shape), the receipt has "
        + "\(expected.images.sha256) of shape \(expected.images.shape); abs_sum \(Self.signed(change))")
  }

  private func difference(timesteps: [Float]) -> ReceiptDifference? {
    let (here, there) = (timesteps, expected.timesteps)
    // A scheduler may take the model to a timestep that is NaN, as Diffusers does.
    let firstDifference = zip(here, there).enumerated().first { $1.0 != $1.1 && !($1.0.isNaN && $1.1.isNaN) }?.offset
    guard let index = firstDifference else {
      guard here.count != there.count else { return nil }
      return ReceiptDifference(
        .timesteps, message: "the timesteps differ: the run has \(here.count) steps, the receipt's has \(there.count)")
    }
    return ReceiptDifference(
      .timesteps, step: index,
      message: "the timesteps differ: step \(index) of \(here.count) is at \(here[index].wholeText), the receipt's of "
        + "\(there.count) at \(there[index].wholeText)")
  }

  private func difference(
    _ place: ReceiptDifference.Place, _ found: Tensor<Float>, _ expected: ReceiptTensor, step: Int? = nil, name: String,
    file: String, reason: String
  ) -> ReceiptDifference? {
    let here = ReceiptTensor(found)
    guard here != expected else { return nil }
    let changes = zip(here.numbers, expected.numbers).map { ($0.name, $0.value - $1.value) }
    var amounts: [String] = [], most: Double?
    do {
      most = try reference?.maximumDifference(of: found, from: file, sha256: expected.sha256)
      amounts = most.map { ["max|d| \($0.wholeText)"] } ?? []
    } catch {
      // An unusable reference must not hide the difference found.
      amounts = ["max|d| unknown (\(error))"]
    }
    amounts += changes.map { "\($0) \(Self.signed($1))" }
    return ReceiptDifference(
      place, step: step, expected: expected.sha256, found: here.sha256,
      statistics: Dictionary(changes, uniquingKeysWith: { first, _ in first }), maximumDifference: most,
      message: "\(name) differs by \(amounts.joined(separator: ", ")) (sha256 \(here.sha256), the receipt has "
        + "\(expected.sha256)), \(reason)")
  }

  private static func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + value.wholeText }
}
