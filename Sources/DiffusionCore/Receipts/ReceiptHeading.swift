/// The parts of a receipt that are known before a run.
public struct ReceiptHeading: Sendable, Equatable {
  /// The model, with the digest of each of its files.
  public let model: ReceiptModel
  /// The version of this program.
  public let programVersion: String
  /// The machine; nil where the receipt does not name it.
  public let machine: ReceiptMachine?

  /// Creates a heading.
  public init(model: ReceiptModel, programVersion: String, machine: ReceiptMachine? = nil) {
    (self.model, self.programVersion, self.machine) = (model, programVersion, machine)
  }

  /// Creates the heading for a model by reading every one of its files.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - programVersion: The version of this program.
  ///   - checkCancellation: Called every few megabytes; may throw to stop.
  /// - Throws: ``DiffusionError`` for a file that is missing or cannot be read, and what `checkCancellation` throws.
  public init(_ source: ModelSource, programVersion: String, checkCancellation: () throws -> Void = {}) throws {
    self.init(
      model: try ReceiptModel(hashing: source, checkCancellation: checkCancellation), programVersion: programVersion)
  }
}
