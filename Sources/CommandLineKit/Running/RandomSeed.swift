import DiffusionCore

/// Seeds for runs for which none was named.
public enum RandomSeed {
  /// Draws a seed below 2^32 from the system: short enough to type, and exact in JSON readers that hold numbers in
  /// binary64.
  @Sendable
  public static func draw() -> Seed { Seed(UInt64(UInt32.random(in: .min ... .max))) }
}
