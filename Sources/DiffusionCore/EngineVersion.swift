/// The version of the engine's arithmetic.
///
/// Two programs with the same engine version give the same bits for the same model, settings and seed, whatever else of
/// them differs. It is apart from the program's version: it counts up with every change of an operation that a result
/// can show (an order of summation, a polynomial, the rule that picks a layer's algorithm), and only then.
/// `NumericsContract` in this library's documentation says what the version stands for.
public enum EngineVersion {
  /// The version of this engine.
  public static let current = "1"
}
