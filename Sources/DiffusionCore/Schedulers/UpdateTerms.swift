/// A step as a sum of products, x_{t-1} = sum of coefficient times tensor, with the exact coefficients that it computes
/// with, and its place on the schedule. A scheduler knows it before the step is taken.
public struct UpdateTerms: Sendable, Equatable {
  /// A symbol of an equation.
  public struct Symbol: Sendable, Hashable {
    /// With mathematical letters: `\u{221A}\u{03B1}_prev`.
    public let unicode: String
    /// In ASCII: `sqrt(a_prev)`.
    public let ascii: String

    /// Creates a symbol; one spelling if both are the same.
    public init(_ unicode: String, ascii: String? = nil) {
      (self.unicode, self.ascii) = (unicode, ascii ?? unicode)
    }
  }

  /// A tensor of the update.
  public struct Operand: Sendable, Hashable {
    /// Its letter.
    public let symbol: Symbol
    /// Its name: `predicted original`.
    public let name: String

    /// Creates an operand.
    public init(_ symbol: Symbol, _ name: String) { (self.symbol, self.name) = (symbol, name) }

    /// x_t.
    public static let sample = Operand(Symbol("x_t"), "the sample")
    /// x_0 as predicted by the step.
    public static let predOriginalSample = Operand(Symbol("x\u{2080}", ascii: "x0"), "predicted original")
    /// The noise in x_t as predicted by the step.
    public static let predEpsilon = Operand(Symbol("\u{03B5}", ascii: "eps"), "predicted noise")
    /// The fresh noise that the step adds.
    public static let noise = Operand(Symbol("z"), "fresh noise")
    /// The derivative of x with respect to sigma.
    public static let derivative = Operand(Symbol("d"), "derivative")
    /// The sample that the first of several model calls of a step was given.
    public static let startingSample = Operand(Symbol("x_s"), "sample at the step's start")
    /// The sample after the step's corrector.
    public static let correctedSample = Operand(Symbol("x_c"), "corrected sample")
    /// The model's output as the gradient of the logarithm of the sample's density.
    public static let score = Operand(Symbol("s"), "score")
  }

  /// A product of the sum.
  public struct Term: Sendable, Equatable {
    /// The symbol of the coefficient.
    public let symbol: Symbol
    /// The factor of the tensor.
    public let coefficient: Float
    /// The tensor.
    public let operand: Operand

    /// Creates a product.
    public init(_ symbol: Symbol, _ coefficient: Float, _ operand: Operand) {
      (self.symbol, self.coefficient, self.operand) = (symbol, coefficient, operand)
    }
  }

  /// A number that the coefficients are computed from.
  public struct Quantity: Sendable, Equatable {
    /// Its letter.
    public let symbol: Symbol
    /// Its label in tables: `alpha-bar`.
    public let label: String
    /// The number.
    public let value: Float

    /// Creates a quantity.
    public init(_ symbol: Symbol, _ label: String, _ value: Float) {
      (self.symbol, self.label, self.value) = (symbol, label, value)
    }
  }

  /// The timestep of the model call: for most classes `numTrainTimesteps - 1` (noise) down to 0, not always a whole
  /// number; for others a function of the noise level.
  public let timestep: Float
  /// The place of the noise level among those of training, `numTrainTimesteps - 1` (noise) down to 0. Where timesteps
  /// are those of training, the timestep.
  public let place: Float
  /// alpha-bar at the start of the step, the share of the image in the variance of x_t: 1 (image) to 0 (noise). For a
  /// scheduler that uses sigmas, 1 / (sigma^2 + 1).
  public let alphaCumprod: Float
  /// The same at the end of the step; not always that of the next step.
  public let alphaCumprodPrev: Float
  /// The standard deviation of the fresh noise that the step adds; 0 for none.
  public let sigma: Float
  /// The sum.
  public let terms: [Term]
  /// The quantities that the coefficients are computed from, the place on the schedule first.
  public let quantities: [Quantity]
  /// How many times the step calls the model; of methods whose calls are steps of their own, once.
  public let modelCalls: Int

  /// Creates the terms of a step; by default one that leads to the image, of which only the place is known.
  public init(
    timestep: Float, place: Float? = nil, alphaCumprod: Float, alphaCumprodPrev: Float = 1, sigma: Float = 0,
    terms: [Term] = [], quantities: [Quantity] = [], modelCalls: Int = 1
  ) {
    self.timestep = timestep
    self.place = place ?? timestep
    self.alphaCumprod = alphaCumprod
    self.alphaCumprodPrev = alphaCumprodPrev
    self.sigma = sigma
    self.terms = terms
    (self.quantities, self.modelCalls) = (quantities, modelCalls)
  }
}

extension UpdateTerms.Quantity {
  /// The noise level at the start of a step of several calls.
  static func sigmaStart(_ value: Float) -> Self { Self(.sigmaStart, "sigma at start", value) }
}

extension UpdateTerms.Symbol {
  /// alpha-bar at the step's timestep.
  public static let alpha = Self("\u{03B1}", ascii: "a")
  /// alpha-bar at the end of the step.
  public static let alphaPrev = Self("\u{03B1}_prev", ascii: "a_prev")
  /// A noise level, or the standard deviation of fresh noise.
  public static let sigma = Self("\u{03C3}", ascii: "sigma")
  /// The standard deviation of the noise that ancestral sampling adds.
  public static let sigmaUp = Self("\u{03C3}_up", ascii: "sigma_up")
  /// The noise level at the end of the step.
  public static let sigmaPrev = Self("\u{03C3}_prev", ascii: "sigma_prev")
  /// The noise level at the start of a step of several calls.
  static let sigmaStart = Self("\u{03C3}_s", ascii: "sigma_s")
  /// The difference of the noise levels at the end and at the start of such a step.
  static let sigmaChangeFromStart = Self("(\u{03C3}_prev\u{2212}\u{03C3}_s)", ascii: "(sigma_prev - sigma_s)")
  /// The difference of the noise levels at the end and at the start of the step.
  static let sigmaChange = Self("(\u{03C3}_prev\u{2212}\u{03C3})", ascii: "(sigma_prev - sigma)")
}
