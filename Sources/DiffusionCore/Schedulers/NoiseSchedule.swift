/// How the variances of the forward process grow (`beta_schedule` of Diffusers' schedulers).
public enum BetaSchedule: String, Sendable, Hashable, CaseIterable, Codable {
  /// Evenly spaced from `betaStart` to `betaEnd` (Ho et al. 2020, arXiv 2006.11239).
  case linear
  /// The squares of evenly spaced square roots (latent diffusion, Rombach et al. 2021, arXiv 2112.10752).
  case scaledLinear = "scaled_linear"
  /// From a squared cosine (Nichol & Dhariwal 2021, arXiv 2102.09672), capped at 0.999.
  case squaredcosCapV2 = "squaredcos_cap_v2"
  /// A sigmoid from -6 to 6 (GeoDiff, Xu et al. 2022, arXiv 2203.02923).
  case sigmoid
  /// From a Laplace distribution of signal-to-noise ratios (Hang et al. 2024, arXiv 2407.03297), capped at 0.999.
  case laplace
  /// From the alpha-bar exp(-12 t), capped at 0.999.
  case exp
}

/// What the model's output means (`prediction_type` of Diffusers' schedulers).
public enum PredictionType: String, Sendable, Hashable, CaseIterable, Codable {
  /// The noise in the sample.
  case epsilon
  /// The image without noise.
  case sample
  /// The velocity sqrt(alpha-bar) epsilon - sqrt(1 - alpha-bar) x_0 (Salimans & Ho 2022, arXiv 2202.00512).
  case vPrediction = "v_prediction"
  /// Another name for `sample`, which EulerDiscreteScheduler keeps.
  case originalSample = "original_sample"

  /// The types that nearly every scheduler supports.
  static let withoutAlias = [PredictionType.epsilon, .sample, .vPrediction]
}

extension PredictionType {
  /// x_0 and the noise, as a model's output implies them: x_t = rootAlpha x_0 + rootBeta noise.
  func split(
    _ modelOutput: [Float], _ sample: [Float], rootAlpha: Float, rootBeta: Float
  ) -> (original: [Float], epsilon: [Float]) {
    switch self {
    case .epsilon:
      let original = zip(sample, modelOutput).map { ($0 - rootBeta * $1) / rootAlpha }
      return (original, modelOutput)
    case .sample, .originalSample:
      return (modelOutput, Self.noise(in: sample, around: modelOutput, rootAlpha, rootBeta))
    case .vPrediction:
      let original = zip(sample, modelOutput).map { rootAlpha * $0 - rootBeta * $1 }
      let epsilon = zip(sample, modelOutput).map { rootAlpha * $1 + rootBeta * $0 }
      return (original, epsilon)
    }
  }

  /// The noise in x_t for a given x_0.
  static func noise(in sample: [Float], around original: [Float], _ rootAlpha: Float, _ rootBeta: Float) -> [Float] {
    zip(sample, original).map { ($0 - rootAlpha * $1) / rootBeta }
  }
}

/// The tables that every scheduler of Diffusers starts from: betas and their cumulative products.
///
/// They are the same on every machine: binary32 and binary64 operations in a fixed order, without libm.
package enum NoiseSchedule {
  /// The betas of a schedule, one for each training timestep (`torch.linspace` and `betas_for_alpha_bar` of Diffusers).
  ///
  /// - Parameters:
  ///   - schedule: Their shape.
  ///   - start: The first beta; schedules from an alpha-bar ignore it.
  ///   - end: The last beta; schedules from an alpha-bar ignore it.
  ///   - count: The number of training timesteps, at least 1.
  package static func betas(_ schedule: BetaSchedule, from start: Double, to end: Double, count: Int) -> [Float] {
    switch schedule {
    case .linear:
      return linspace(Float(start), Float(end), count: count)
    case .scaledLinear:
      return linspace(Float(start.squareRoot()), Float(end.squareRoot()), count: count).map { $0 * $0 }
    case .squaredcosCapV2:
      return fromAlphaBar(count: count) { t in
        let cosine = portableCosine((t + 0.008) / 1.008 * Double.pi / 2)
        return cosine * cosine
      }
    case .sigmoid:
      let (start, range) = (Float(start), Float(end - start))
      return linspace(-6, 6, count: count).map { sigmoid($0) * range + start }
    case .laplace:
      return fromAlphaBar(count: count, laplaceAlphaBar)
    case .exp:
      return fromAlphaBar(count: count) { DoubleMath.exp($0 * -12) }
    }
  }

  /// Evenly spaced numbers as `torch.linspace` computes them on a processor with fused multiply-adds: the lower half
  /// counted from the start, the upper half from the end, each with one rounding.
  package static func linspace(_ start: Float, _ end: Float, count: Int) -> [Float] {
    guard count > 1 else { return [start] }
    let step = (end - start) / Float(count - 1)
    return (0..<count).map { index in
      index < count / 2
        ? start.addingProduct(step, Float(index))
        : end.addingProduct(-step, Float(count - 1 - index))
    }
  }

  /// `betas_for_alpha_bar` of Diffusers, in binary64, rounded to binary32 at the end.
  private static func fromAlphaBar(count: Int, _ alphaBar: (Double) -> Double) -> [Float] {
    (0..<count).map { index in
      let (t1, t2) = (Double(index) / Double(count), Double(index + 1) / Double(count))
      return Float(min(1 - alphaBar(t2) / alphaBar(t1), 0.999))
    }
  }

  /// The `laplace` transform of `betas_for_alpha_bar`.
  private static func laplaceAlphaBar(_ t: Double) -> Double {
    let sign: Double = 0.5 - t < 0 ? -1 : 1
    let snr = DoubleMath.exp(-0.5 * sign * DoubleMath.log(1 - 2 * (0.5 - t).magnitude + 1e-6))
    return (snr / (1 + snr)).squareRoot()
  }

  private static func sigmoid(_ x: Float) -> Float { Float(1 / (1 + DoubleMath.exp(-Double(x)))) }

  /// Products of 1 - beta up to each timestep, accumulated in binary64 as `torch.cumprod` does and rounded one by one.
  package static func alphasCumprod(_ betas: [Float]) -> [Float] {
    var product = 1.0
    return betas.map { beta in
      product *= Double(1 - beta)
      return Float(product)
    }
  }

  /// Betas whose last cumulative product is exactly 0 (`rescale_zero_terminal_snr` of Diffusers; algorithm 1 of Lin et
  /// al. 2023, arXiv 2305.08891).
  package static func rescaledToZeroTerminalSNR(_ betas: [Float]) -> [Float] {
    var roots = alphasCumprod(betas).map { $0.squareRoot() }
    guard let first = roots.first, let last = roots.last else { return betas }
    let scale = first / (first - last)
    roots = roots.map { ($0 - last) * scale }
    let products = roots.map { $0 * $0 }
    return products.indices.map { index in
      1 - (index == 0 ? products[0] : products[index] / products[index - 1])
    }
  }
}
