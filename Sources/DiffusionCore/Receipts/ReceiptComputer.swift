/// Who computed a run. It is noted for people; another device, number of threads or program gives the same bits as long
/// as the engine's version is the same.
public struct ReceiptComputer: Codable, Sendable, Equatable {
  /// The version of the arithmetic, ``EngineVersion``.
  public let engineVersion: String
  /// The program's version.
  public let programVersion: String
  /// The device that was named: `cpu`.
  public let device: String
  /// The instructions it computed with: `avx512`.
  public let isa: String
  /// Threads that computed.
  public let threads: Int

  private enum CodingKeys: String, CodingKey {
    case device, isa, threads
    case engineVersion = "engine_version"
    case programVersion = "program_version"
  }

  /// Describes what computes, by settings.
  public init(_ settings: RunSettings, engineVersion: String = EngineVersion.current, programVersion: String) {
    self.engineVersion = engineVersion
    self.programVersion = programVersion
    (device, isa, threads) = (settings.device.description, settings.device.instructionSet, settings.threads)
  }
}
