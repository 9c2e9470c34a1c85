import DiffusionCore

/// The engine and its device, in JSON.
public struct EngineReport: Encodable, Sendable, Equatable {
  /// The version of the arithmetic.
  let version: String
  /// The instruction set of the kernels.
  let isa: String
  /// The number of threads.
  let threads: Int
  /// What the device demonstrates, if its bits are not the engine's; left out for every other device.
  let demonstration: String?
  /// The name of the device; nil where the report does not say.
  let device: String?

  /// Creates a report.
  public init(version: String, isa: String, threads: Int, demonstration: String? = nil, device: String? = nil) {
    (self.version, self.isa, self.threads) = (version, isa, threads)
    (self.demonstration, self.device) = (demonstration, device)
  }

  /// Creates the report of a device.
  public init(version: String, device: Device, threads: Int) {
    self.init(
      version: version, isa: device.instructionSet, threads: threads, demonstration: device.demonstration)
  }

  /// The device for people to read: `cpu, avx512, 2 threads`; a demonstration is marked.
  func text(device: String) -> String {
    let device = demonstration == nil ? device : "\(device) (demonstration)"
    return "\(device), \(isa), \(threads) threads"
  }
}
