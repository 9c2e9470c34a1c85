import DiffusionCore

/// What `verify` was asked for, read and checked.
public struct VerifyRequest: Sendable {
  /// The receipt's path.
  public let file: String
  /// The receipt.
  public let receipt: Receipt
  /// The model that was named, or nil for the receipt's.
  public let model: String?
  /// The receipt's settings, for who computes now.
  public let settings: RunSettings
  /// The tensors of the receipt's run, if they are at hand.
  public let reference: ReceiptTrace?
  /// How the result is printed.
  public let format: GenerateRequest.Format
}
