/// What a scheduler tells the model of the noise in a sample. A model was trained with one of these, and makes nothing
/// of the others.
public enum NoiseTold: Sendable, Hashable {
  /// A timestep of training, the place in a table of betas.
  case timestep
  /// Sigma, by the score-based models of Song et al. 2021 (arXiv 2011.13456).
  case sigma
  /// Half of sigma, with the sample moved to 0...1 (Karras et al. 2022, arXiv 2206.00364, equation 213).
  case halfSigma
  /// A quarter of the logarithm of sigma, with the preconditioning of EDM (the same, table 1).
  case logarithm
  /// 250 times the logarithm of sigma, by consistency models (Song et al. 2023, arXiv 2303.01469).
  case scaledLogarithm
  /// The share of noise, times the number of timesteps, by models of flow matching (Lipman et al. 2022, arXiv
  /// 2210.02747).
  case share
  /// The angle of noise and image, as a share of a right angle.
  case angle

  /// What it is, in words: `log(sigma) / 4`.
  package var words: String {
    switch self {
    case .timestep: "timesteps of training"
    case .sigma: "sigma"
    case .halfSigma: "sigma / 2"
    case .logarithm: "log(sigma) / 4"
    case .scaledLogarithm: "250 log(sigma)"
    case .share: "the share of noise"
    case .angle: "the angle of noise and image"
    }
  }
}

extension SchedulerClass {
  /// What it tells the model with a configuration: a solver with `use_flow_sigmas` tells the share of noise.
  func tells(with reader: ConfigurationReader) -> NoiseTold {
    let isFlow = configurationOptions.contains("use_flow_sigmas") && reader.value("use_flow_sigmas") == .bool(true)
    return isFlow ? .share : tells
  }
}
