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
  /// The name of the machine and its processor; nil where the receipt does not say.
  public let machine: String?, processor: String?

  private enum CodingKeys: String, CodingKey {
    case device, isa, threads, demonstration, machine, processor
    case engineVersion = "engine_version"
    case programVersion = "program_version"
  }

  /// Creates a record from settings.
  ///
  /// - Parameters:
  ///   - settings: The settings of the run.
  ///   - engineVersion: The version of the arithmetic.
  ///   - programVersion: The program's version.
  ///   - machine: The machine, where the receipt is to name it.
  public init(
    _ settings: RunSettings, engineVersion: String = EngineVersion.current, programVersion: String,
    machine: ReceiptMachine? = nil
  ) {
    self.engineVersion = engineVersion
    self.programVersion = programVersion
    (device, isa, threads) = (settings.device.description, settings.device.instructionSet, settings.threads)
    demonstration = settings.demonstration
    (self.machine, processor) = (machine?.name, machine?.processor)
  }
}

/// A machine that computes, as receipts of sweeps name it.
public struct ReceiptMachine: Sendable, Equatable {
  /// Its host name.
  public let name: String
  /// The name of its processor: `Intel(R) Xeon(R) Platinum 8481C`.
  public let processor: String?

  /// Creates a record.
  public init(name: String, processor: String? = nil) {
    (self.name, self.processor) = (name, processor)
  }
}
