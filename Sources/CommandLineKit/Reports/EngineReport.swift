/// The engine and its device, in JSON.
public struct EngineReport: Encodable, Sendable, Equatable {
  /// The version of the arithmetic.
  let version: String
  /// The instruction set of the kernels.
  let isa: String
  /// The number of threads.
  let threads: Int

  /// Creates a report.
  public init(version: String, isa: String, threads: Int) {
    self.version = version
    self.isa = isa
    self.threads = threads
  }
}
