/// The SHA-256 of each section of a receipt, as it was written.
struct ReceiptDigests: Codable, Sendable, Equatable {
  let computedBy, model, result, scheduler, settings: String

  private enum CodingKeys: String, CodingKey {
    case model, result, scheduler, settings
    case computedBy = "computed_by"
  }

  /// Each section's key in the receipt and its digest, what decides the result first.
  var sections: [(key: String, digest: String)] {
    [
      ("settings", settings), ("scheduler", scheduler), ("model", model), ("result", result),
      ("computed_by", computedBy),
    ]
  }
}
