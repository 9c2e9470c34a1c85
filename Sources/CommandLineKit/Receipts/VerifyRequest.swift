import DiffusionCore

/// What `verify` was asked for, read and checked.
public struct VerifyRequest: Sendable {
  /// The receipt's path.
  public let file: String
  /// The receipt.
  public let receipt: Receipt
  /// The model that was named, or nil for the receipt's.
  public let model: ModelReference?
  /// The receipt's settings, for who computes now.
  public let settings: RunSettings
  /// The tensors of the receipt's run, if they are at hand.
  public let reference: ReceiptTrace?
  /// How the result is printed.
  public let format: GenerateRequest.Format

  /// Finds the model: the one that was named, or the receipt's.
  ///
  /// - Parameter find: Finds a model, or throws ``DiffusionError``.
  /// - Throws: What `find` throws; where it misses the receipt's model, with the advice to name another place.
  public func source(_ find: (ModelReference) throws -> ModelSource) throws -> ModelSource {
    if let model { return try find(model) }
    do {
      return try find(ModelReference(receipt.model.id))
    } catch let error as DiffusionError where error.kind == .missingInput {
      let advice = "the receipt names it so: if it is elsewhere here, name that place after the receipt"
      throw DiffusionError(.missingInput, "\(error.message); \(advice)")
    }
  }
}
