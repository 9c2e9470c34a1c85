/// What a receipt says before anything has run.
public struct ReceiptHeading: Sendable, Equatable {
  /// The model, every file of it read.
  public let model: ReceiptModel
  /// The version of the program that runs.
  public let programVersion: String

  /// Puts together what a receipt says before anything has run.
  public init(model: ReceiptModel, programVersion: String) {
    (self.model, self.programVersion) = (model, programVersion)
  }

  /// What a receipt says of a model before anything has run. Every file of the model is read.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - programVersion: The version of the program that runs.
  ///   - checkCancellation: Asked every few megabytes; throws to stop there.
  /// - Throws: ``DiffusionError`` for a file that is missing or cannot be read, and what `checkCancellation` throws.
  public init(_ source: ModelSource, programVersion: String, checkCancellation: () throws -> Void = {}) throws {
    self.init(
      model: try ReceiptModel(hashing: source, checkCancellation: checkCancellation), programVersion: programVersion)
  }
}
