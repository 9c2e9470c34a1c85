/// How the Hub is reached, as huggingface_hub reads it from the environment.
public struct HubSettings: Sendable {
  /// The Hub's address, without a slash at its end: `HF_ENDPOINT`, `https://huggingface.co` by default.
  public let endpoint: HubURL
  /// Whether nothing may be asked of a network: `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`.
  public let isOffline: Bool
  /// The time limit for connecting, and the longest time without a byte, in seconds: `HF_HUB_DOWNLOAD_TIMEOUT` for
  /// files, `HF_HUB_ETAG_TIMEOUT` for what is known of them.
  public let downloadTimeout, metadataTimeout: Double
  /// What the user logged in with; nil for nobody.
  let token: String?

  /// Reads the settings.
  ///
  /// - Parameter environment: The environment of the process.
  /// - Throws: ``DiffusionError`` (`usage`) that names the variable whose value cannot be used.
  public init(environment: [String: String]) throws {
    var address = environment["HF_ENDPOINT"] ?? "https://huggingface.co"
    while address.hasSuffix("/") { address.removeLast() }
    guard let endpoint = HubURL(address) else {
      throw DiffusionError(
        .usage, "HF_ENDPOINT is '\(address)': expected an address that begins with https:// or http://")
    }
    self.endpoint = endpoint
    isOffline = Self.isTrue(environment["HF_HUB_OFFLINE"].nonEmpty ?? environment["TRANSFORMERS_OFFLINE"])
    downloadTimeout = try Self.seconds("HF_HUB_DOWNLOAD_TIMEOUT", environment)
    metadataTimeout = try Self.seconds("HF_HUB_ETAG_TIMEOUT", environment)
    token = try Self.isTrue(environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"]) ? nil : Self.token(environment)
  }

  private static func isTrue(_ value: String?) -> Bool {
    ["1", "ON", "YES", "TRUE"].contains((value ?? "").uppercased())
  }

  private static func seconds(_ name: String, _ environment: [String: String]) throws -> Double {
    guard let text = environment[name].nonEmpty else { return 10 }
    guard let seconds = Int(text), (0...86_400).contains(seconds) else {
      throw DiffusionError(.usage, "\(name) is '\(text)': expected a whole number of seconds, at most 86400")
    }
    // As in huggingface_hub, 0 stands for the usual time.
    return seconds == 0 ? 10 : Double(seconds)
  }

  /// `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, or the file `HF_TOKEN_PATH`, which `hf auth login` writes.
  private static func token(_ environment: [String: String]) throws -> String? {
    let variables = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]
    if let name = variables.first(where: { environment[$0].nonEmpty != nil }) {
      return try cleaned(environment[name] ?? "", from: name)
    }
    let file =
      environment["HF_TOKEN_PATH"].map { HubCache.expand($0, environment) } ?? HubCache.home(environment) + "/token"
    guard FileAccess.kind(of: file) == .file else { return nil }
    return try cleaned(String(decoding: FileAccess.readText(file), as: UTF8.self), from: file)
  }

  /// A token without white space around it; nil if nothing is left.
  private static func cleaned(_ text: String, from place: String) throws -> String? {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard let token = words.first else { return nil }
    guard words.count == 1, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw DiffusionError(.usage, "\(place): does not hold a token of the Hub; log in again with `hf auth login`")
    }
    return String(token)
  }
}

extension String? {
  /// Nil for an empty text, which counts as a variable that is not set.
  fileprivate var nonEmpty: String? { self?.isEmpty == false ? self : nil }
}
