/// Who computed, in JSON.
public struct EngineReport: Encodable, Sendable, Equatable {
  /// The version of the arithmetic.
  let version: String
  /// The instruction set of the kernels that ran.
  let isa: String
  /// Threads that computed.
  let threads: Int

  /// Describes who computed.
  public init(version: String, isa: String, threads: Int) {
    self.version = version
    self.isa = isa
    self.threads = threads
  }
}
