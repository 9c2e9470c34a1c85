/// The version of the engine's arithmetic.
///
/// Two programs with the same engine version give the same bits for the same model, settings and seed, however else
/// they differ. It is independent of the program's version: it increases with every change to an operation that can
/// alter a result (an order of summation, a polynomial, the rule that picks a layer's algorithm), and only then.
/// `NumericsContract` in this library's documentation defines what the version covers.
public enum EngineVersion {
  /// The version of this engine.
  public static let current = "1"
}
