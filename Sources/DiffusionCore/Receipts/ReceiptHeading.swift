/// What a receipt says before anything has run.
public struct ReceiptHeading: Sendable, Equatable {
  /// The model, every file of it read.
  public let model: ReceiptModel
  /// The scheduler.
  public let scheduler: ReceiptScheduler
  /// The version of the program that runs.
  public let programVersion: String

  /// Puts together what a receipt says before anything has run.
  public init(model: ReceiptModel, scheduler: ReceiptScheduler, programVersion: String) {
    (self.model, self.scheduler, self.programVersion) = (model, scheduler, programVersion)
  }
}
