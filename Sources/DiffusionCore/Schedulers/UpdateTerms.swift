/// A step as a sum of products, x_{t-1} = sum of coefficient times tensor, with the numbers that it computes with, to
/// the bit; and where it stands on the schedule. A scheduler knows it before the step is taken.
public struct UpdateTerms: Sendable, Equatable {
  /// A symbol of an equation.
  public struct Symbol: Sendable, Hashable {
    /// With the letters of mathematics: `\u{221A}\u{03B1}_prev`.
    public let unicode: String
    /// Without: `sqrt(a_prev)`.
    public let ascii: String

    /// Describes a symbol; one spelling where both are the same.
    public init(_ unicode: String, ascii: String? = nil) {
      (self.unicode, self.ascii) = (unicode, ascii ?? unicode)
    }
  }

  /// A tensor of the update.
  public struct Operand: Sendable, Hashable {
    /// Its letter.
    public let symbol: Symbol
    /// What it is: `predicted original`.
    public let name: String

    /// Describes a tensor of the update.
    public init(_ symbol: Symbol, _ name: String) { (self.symbol, self.name) = (symbol, name) }

    /// x_t.
    public static let sample = Operand(Symbol("x_t"), "the sample")
    /// x_0 as the step predicts it.
    public static let predOriginalSample = Operand(Symbol("x\u{2080}", ascii: "x0"), "predicted original")
    /// The noise in x_t as the step predicts it.
    public static let predEpsilon = Operand(Symbol("\u{03B5}", ascii: "eps"), "predicted noise")
    /// The fresh noise that the step adds.
    public static let noise = Operand(Symbol("z"), "fresh noise")
  }

  /// One product of the sum.
  public struct Term: Sendable, Equatable {
    /// How the coefficient is written.
    public let symbol: Symbol
    /// What the tensor is multiplied by.
    public let coefficient: Float
    /// The tensor.
    public let operand: Operand

    /// Describes a product.
    public init(_ symbol: Symbol, _ coefficient: Float, _ operand: Operand) {
      (self.symbol, self.coefficient, self.operand) = (symbol, coefficient, operand)
    }
  }

  /// A number that the coefficients are made of.
  public struct Quantity: Sendable, Equatable {
    /// Its letter.
    public let symbol: Symbol
    /// What tables call it: `alpha-bar`.
    public let label: String
    /// The number.
    public let value: Float

    /// Describes a number.
    public init(_ symbol: Symbol, _ label: String, _ value: Float) {
      (self.symbol, self.label, self.value) = (symbol, label, value)
    }
  }

  /// The timestep at which the model is asked: `numTrainTimesteps - 1` (noise) down to 0, not always whole.
  public let timestep: Float
  /// alpha-bar where the step starts, the share of the image in x_t, in variance: 1 (image) to 0 (noise). Where a
  /// scheduler counts in sigmas, 1 / (sigma^2 + 1).
  public let alphaCumprod: Float
  /// The same where the step leads to; not always that of the next step.
  public let alphaCumprodPrev: Float
  /// The standard deviation of the fresh noise that the step adds; 0 for none.
  public let sigma: Float
  /// The sum.
  public let terms: [Term]
  /// What the coefficients are made of, the place on the schedule first.
  public let quantities: [Quantity]

  /// Describes a step; by default one whose step leads to the image, and of which only the place is known.
  public init(
    timestep: Float, alphaCumprod: Float, alphaCumprodPrev: Float = 1, sigma: Float = 0, terms: [Term] = [],
    quantities: [Quantity] = []
  ) {
    self.timestep = timestep
    self.alphaCumprod = alphaCumprod
    self.alphaCumprodPrev = alphaCumprodPrev
    self.sigma = sigma
    self.terms = terms
    self.quantities = quantities
  }
}

extension UpdateTerms.Symbol {
  /// alpha-bar at the step's timestep.
  public static let alpha = Self("\u{03B1}", ascii: "a")
  /// alpha-bar where the step leads to.
  public static let alphaPrev = Self("\u{03B1}_prev", ascii: "a_prev")
  /// A noise level, or the standard deviation of fresh noise.
  public static let sigma = Self("\u{03C3}", ascii: "sigma")
}
