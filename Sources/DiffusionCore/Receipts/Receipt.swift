/// What a run was made of and what came of it, so that somebody else can run it again and see whether the bits are the
/// same.
///
/// It is a small JSON file: the model by the SHA-256 of each of its files, the scheduler's configuration, every
/// setting, and the hash and a few statistics of every tensor on the way. Who computed is noted and binds nobody: every
/// device and every number of threads give the same bits. Each section carries the digest of what it said when it was
/// written.
public struct Receipt: Sendable, Equatable {
  /// The `format` that this program writes, and the newest that it reads.
  public static let currentFormat = 1
  /// What `kind` says in every receipt.
  static let kindName = "diffusion-tui receipt"

  /// Who computed.
  public let computedBy: ReceiptComputer
  /// What was run.
  public let model: ReceiptModel
  /// How predictions became steps.
  public let scheduler: ReceiptScheduler
  /// Everything else that decides the result.
  public let settings: ReceiptSettings
  /// What came of it.
  public let result: ReceiptResult
  private let digests: ReceiptDigests

  /// Describes a run, and seals the description.
  public init(
    computedBy: ReceiptComputer, model: ReceiptModel, scheduler: ReceiptScheduler, settings: ReceiptSettings,
    result: ReceiptResult
  ) throws {
    (self.computedBy, self.model, self.scheduler) = (computedBy, model, scheduler)
    (self.settings, self.result) = (settings, result)
    digests = try ReceiptDigests(
      computedBy: ReceiptJSON.digest(of: computedBy), model: ReceiptJSON.digest(of: model),
      result: ReceiptJSON.digest(of: result), scheduler: ReceiptJSON.digest(of: scheduler),
      settings: ReceiptJSON.digest(of: settings))
  }

  /// The sections, by their keys, that do not give the digest that was written with them: somebody changed them since.
  public func changedSections() throws -> [String] {
    let now = try Receipt(
      computedBy: computedBy, model: model, scheduler: scheduler, settings: settings, result: result
    ).digests
    return zip(digests.sections, now.sections).compactMap { $0.digest == $1.digest ? nil : $0.key }
  }
}

extension Receipt: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, format, model, scheduler, settings, result, digests
    case computedBy = "computed_by"
  }

  /// Reads a receipt of ``currentFormat``; ``init(json:source:)`` also says what a file is that holds none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    computedBy = try container.decode(ReceiptComputer.self, forKey: .computedBy)
    model = try container.decode(ReceiptModel.self, forKey: .model)
    scheduler = try container.decode(ReceiptScheduler.self, forKey: .scheduler)
    settings = try container.decode(ReceiptSettings.self, forKey: .settings)
    result = try container.decode(ReceiptResult.self, forKey: .result)
    digests = try container.decode(ReceiptDigests.self, forKey: .digests)
  }

  /// Writes every section, with what tells a receipt from other JSON.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.kindName, forKey: .kind)
    try container.encode(Self.currentFormat, forKey: .format)
    try container.encode(computedBy, forKey: .computedBy)
    try container.encode(model, forKey: .model)
    try container.encode(scheduler, forKey: .scheduler)
    try container.encode(settings, forKey: .settings)
    try container.encode(result, forKey: .result)
    try container.encode(digests, forKey: .digests)
  }
}
