/// The scheduler that a receipt is about.
public struct ReceiptScheduler: Codable, Sendable, Equatable {
  /// Its name on the command line: `ddim`.
  public let name: String
  /// Its configuration, in Diffusers' names, with every option written out.
  public let config: DDIMSchedulerConfig

  /// Names a scheduler and its configuration.
  public init(name: String, config: DDIMSchedulerConfig) {
    (self.name, self.config) = (name, config)
  }
}
