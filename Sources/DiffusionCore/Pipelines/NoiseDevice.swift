/// Whose random numbers a run starts from, wherever it computes.
public enum NoiseDevice: String, Sendable, CaseIterable {
  case cpu, cuda

  /// Reads a name.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for any other name.
  public init(parsing name: String) throws {
    guard let device = NoiseDevice(rawValue: name) else {
      throw DiffusionError(.usage, "generator device '\(name)' is unknown: expected cpu or cuda")
    }
    self = device
  }
}
