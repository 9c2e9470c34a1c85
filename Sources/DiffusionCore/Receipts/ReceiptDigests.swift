/// The SHA-256 of each section of a receipt when it was written.
struct ReceiptDigests: Codable, Sendable, Equatable {
  let computedBy, model, result, scheduler, settings: String
  /// Nil for a run from noise alone.
  let picture: String?

  private enum CodingKeys: String, CodingKey {
    case model, picture, result, scheduler, settings
    case computedBy = "computed_by"
  }

  /// The digest of each section by its key in the receipt; sections that determine the result come first.
  var sections: [(key: String, digest: String?)] {
    [
      ("settings", settings), ("scheduler", scheduler), ("model", model), ("picture", picture), ("result", result),
      ("computed_by", computedBy),
    ]
  }
}
