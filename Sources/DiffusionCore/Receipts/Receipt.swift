/// A record of a run's inputs and results, with which others can repeat the run and see whether they get the same
/// bits.
///
/// It is a small JSON file: the SHA-256 of each of the model's files, the scheduler's configuration, every setting,
/// and the hash and a few statistics of every tensor on the way. The device is recorded for information only: every
/// device and every number of threads give the same bits. Each section carries a digest of its contents when it was
/// written.
public struct Receipt: Sendable, Equatable {
  /// The `format` that this program writes, and the newest that it reads.
  public static let currentFormat = 1
  /// The value of `kind` in every receipt.
  static let kindName = "diffusion-tui receipt"

  /// The device, and the versions of the engine and the program.
  public let computedBy: ReceiptComputer
  /// The model.
  public let model: ReceiptModel
  /// The scheduler.
  public let scheduler: ReceiptScheduler
  /// The other settings that determine the result.
  public let settings: ReceiptSettings
  /// The picture that the run started from; nil for noise alone.
  public let picture: PictureRecord?
  /// The result.
  public let result: ReceiptResult
  private let digests: ReceiptDigests

  /// Creates a receipt, and the digest of each section.
  public init(
    computedBy: ReceiptComputer, model: ReceiptModel, scheduler: ReceiptScheduler, settings: ReceiptSettings,
    picture: PictureRecord? = nil, result: ReceiptResult
  ) throws {
    (self.computedBy, self.model, self.scheduler) = (computedBy, model, scheduler)
    (self.settings, self.picture, self.result) = (settings, picture, result)
    digests = try ReceiptDigests(
      computedBy: ReceiptJSON.digest(of: computedBy), model: ReceiptJSON.digest(of: model),
      result: ReceiptJSON.digest(of: result), scheduler: ReceiptJSON.digest(of: scheduler),
      settings: ReceiptJSON.digest(of: settings), picture: picture.map { try ReceiptJSON.digest(of: $0) })
  }

  /// The sections, by their keys, that do not match their digests: they were changed after the receipt was written.
  public func changedSections() throws -> [String] {
    let now = try Receipt(
      computedBy: computedBy, model: model, scheduler: scheduler, settings: settings, picture: picture, result: result
    ).digests
    return zip(digests.sections, now.sections).compactMap { $0.digest == $1.digest ? nil : $0.key }
  }
}

extension Receipt: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, format, model, scheduler, settings, picture, result, digests
    case computedBy = "computed_by"
  }

  /// Decodes a receipt of ``currentFormat``; ``init(json:source:)`` also explains why a file is not a receipt.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    computedBy = try container.decode(ReceiptComputer.self, forKey: .computedBy)
    model = try container.decode(ReceiptModel.self, forKey: .model)
    scheduler = try container.decode(ReceiptScheduler.self, forKey: .scheduler)
    settings = try container.decode(ReceiptSettings.self, forKey: .settings)
    picture = try container.decodeIfPresent(PictureRecord.self, forKey: .picture)
    result = try container.decode(ReceiptResult.self, forKey: .result)
    digests = try container.decode(ReceiptDigests.self, forKey: .digests)
  }

  /// Encodes every section, with the keys that identify a receipt.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.kindName, forKey: .kind)
    try container.encode(Self.currentFormat, forKey: .format)
    try container.encode(computedBy, forKey: .computedBy)
    try container.encode(model, forKey: .model)
    try container.encode(scheduler, forKey: .scheduler)
    try container.encode(settings, forKey: .settings)
    try container.encodeIfPresent(picture, forKey: .picture)
    try container.encode(result, forKey: .result)
    try container.encode(digests, forKey: .digests)
  }
}
