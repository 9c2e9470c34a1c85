/// How the variances of the forward process grow (`beta_schedule` of `diffusers.DDIMScheduler`).
public enum BetaSchedule: String, Sendable, Hashable, CaseIterable, Codable {
  /// Evenly spaced from `betaStart` to `betaEnd` (Ho et al. 2020, arXiv 2006.11239).
  case linear
  /// The squares of evenly spaced square roots (latent diffusion, Rombach et al. 2021, arXiv 2112.10752).
  case scaledLinear = "scaled_linear"
  /// From a squared cosine (Nichol & Dhariwal 2021, arXiv 2102.09672), capped at 0.999.
  case squaredcosCapV2 = "squaredcos_cap_v2"
}
