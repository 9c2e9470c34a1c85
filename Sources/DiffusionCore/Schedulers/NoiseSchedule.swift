/// The tables that every scheduler of Diffusers starts from: betas and their cumulative products.
///
/// All of it is the same on every machine: binary32 and binary64 operations in a fixed order, and no libm.
package enum NoiseSchedule {
  /// The betas of a schedule, one per training timestep (`torch.linspace` and `betas_for_alpha_bar` of Diffusers).
  ///
  /// - Parameters:
  ///   - schedule: Their shape.
  ///   - start: The first beta; `squaredcosCapV2` does not use it.
  ///   - end: The last beta; `squaredcosCapV2` does not use it.
  ///   - count: Training timesteps, at least 1.
  package static func betas(_ schedule: BetaSchedule, from start: Double, to end: Double, count: Int) -> [Float] {
    switch schedule {
    case .linear:
      return linspace(Float(start), Float(end), count: count)
    case .scaledLinear:
      return linspace(Float(start.squareRoot()), Float(end.squareRoot()), count: count).map { $0 * $0 }
    case .squaredcosCapV2:
      return squaredCosine(count: count)
    }
  }

  /// Evenly spaced numbers as `torch.linspace` makes them on a processor with fused multiply-adds: the lower half counted from
  /// the start, the upper half from the end, each with one rounding.
  package static func linspace(_ start: Float, _ end: Float, count: Int) -> [Float] {
    guard count > 1 else { return [start] }
    let step = (end - start) / Float(count - 1)
    return (0..<count).map { index in
      index < count / 2
        ? start.addingProduct(step, Float(index))
        : end.addingProduct(-step, Float(count - 1 - index))
    }
  }

  /// `betas_for_alpha_bar` of Diffusers (`cosine`), in binary64, rounded to binary32 at the end.
  private static func squaredCosine(count: Int) -> [Float] {
    func alphaBar(_ t: Double) -> Double {
      let cosine = portableCosine((t + 0.008) / 1.008 * Double.pi / 2)
      return cosine * cosine
    }
    return (0..<count).map { index in
      let (t1, t2) = (Double(index) / Double(count), Double(index + 1) / Double(count))
      return Float(min(1 - alphaBar(t2) / alphaBar(t1), 0.999))
    }
  }

  /// Products of 1 - beta up to each timestep, accumulated in binary64 as `torch.cumprod` does and rounded one by one.
  package static func alphasCumprod(_ betas: [Float]) -> [Float] {
    var product = 1.0
    return betas.map { beta in
      product *= Double(1 - beta)
      return Float(product)
    }
  }

  /// Betas whose last cumulative product is exactly 0 (`rescale_zero_terminal_snr` of Diffusers; algorithm 1 of Lin et al. 2023,
  /// arXiv 2305.08891).
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
