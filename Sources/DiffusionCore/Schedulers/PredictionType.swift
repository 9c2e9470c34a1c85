/// What the model's output means (`prediction_type` of `diffusers.DDIMScheduler`).
public enum PredictionType: String, Sendable, Hashable, CaseIterable, Codable {
  /// The noise in the sample.
  case epsilon
  /// The image without noise.
  case sample
  /// The velocity sqrt(alpha-bar) epsilon - sqrt(1 - alpha-bar) x_0 (Salimans & Ho 2022, arXiv 2202.00512).
  case vPrediction = "v_prediction"
}
