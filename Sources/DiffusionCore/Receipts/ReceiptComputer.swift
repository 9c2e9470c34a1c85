/// The device, threads and versions of a run. They are recorded for information; another device, number of threads or
/// program gives the same bits as long as the engine's version is the same, unless the device is a demonstration.
public struct ReceiptComputer: Codable, Sendable, Equatable {
  /// The version of the arithmetic, ``EngineVersion``.
  public let engineVersion: String
  /// The program's version.
  public let programVersion: String
  /// The name of the device: `cpu`.
  public let device: String
  /// The instruction set: `avx512`.
  public let isa: String
  /// The number of threads.
  public let threads: Int
  /// What the device, or one behind a branch, demonstrates, if its bits are outside of the numerics contract
  /// (``Device/demonstration``).
  public let demonstration: String?

  private enum CodingKeys: String, CodingKey {
    case device, isa, threads, demonstration
    case engineVersion = "engine_version"
    case programVersion = "program_version"
  }

  /// Creates a record from settings.
  public init(_ settings: RunSettings, engineVersion: String = EngineVersion.current, programVersion: String) {
    self.engineVersion = engineVersion
    self.programVersion = programVersion
    (device, isa, threads) = (settings.device.description, settings.device.instructionSet, settings.threads)
    demonstration = settings.demonstration
  }
}
