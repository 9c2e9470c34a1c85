/// Why the Hub refuses something, by its status and its fields `X-Error-Code` and `X-Error-Message`.
struct HubRefusal {
  private let response: HubResponse

  init(_ response: HubResponse) { self.response = response }

  private var code: String { response["x-error-code"] ?? "" }
  /// The Hub's own words, with a colon before them; empty if it has none.
  private var words: String {
    response["x-error-message"].map { ": " + $0.prefix(200) } ?? ""
  }

  /// The error for a model, or a file of it.
  ///
  /// - Parameters:
  ///   - name: The model.
  ///   - file: The file that was asked for; nil for the model itself.
  ///   - endpoint: The Hub.
  func error(_ name: HubName, file: String? = nil, endpoint: HubURL) -> DiffusionError {
    let page = "\(endpoint)/\(name.repository)"
    switch (response.status, code) {
    case (_, "GatedRepo"):
      return DiffusionError(
        .missingInput,
        "\(name): is gated: accept its terms at \(page), then log in with `hf auth login` or set HF_TOKEN")
    case (_, "RevisionNotFound"):
      return DiffusionError(
        .missingInput, "\(name): \(page) has no revision '\(name.revisionOrMain)'; name a branch, a tag or a commit")
    case (_, "EntryNotFound"):
      return DiffusionError(.missingInput, "\(name): \(page) has no \(file ?? "such file") in this revision")
    case (401, _) where words.contains("Invalid credentials"):
      return DiffusionError(
        .missingInput,
        "\(name): \(endpoint) does not know your token; log in again with `hf auth login`, or set HF_TOKEN")
    case (401, _), (404, _), (_, "RepoNotFound"):
      return DiffusionError(
        .missingInput,
        "\(name): \(endpoint) has no such model; check its name, or log in with `hf auth login` if it is private")
    case (403, _):
      return DiffusionError(
        .missingInput, "\(name): \(endpoint) refuses access\(words); check the rights of your token (HF_TOKEN)")
    case (429, _):
      return DiffusionError(.inputOutput, "\(name): \(endpoint) had too many requests (429); try again later")
    case (500..., _):
      return DiffusionError(.inputOutput, "\(name): \(endpoint) fails (\(response.status)\(words)); try again later")
    default:
      let what = file.map { " for \($0)" } ?? ""
      return DiffusionError(
        .inputOutput, "\(name): \(endpoint) answers with status \(response.status)\(what)\(words); is it a Hub?")
    }
  }

  /// The error for the content of a file that the Hub knows.
  ///
  /// - Parameters:
  ///   - file: Its name.
  ///   - name: The model.
  ///   - url: Where it should be.
  func error(reading file: String, of name: HubName, at url: HubURL) -> DiffusionError {
    DiffusionError(
      .inputOutput,
      "\(name): \(url.authority) answers with status \(response.status) for \(file)\(words); try again later")
  }
}

extension HubFailure {
  /// The error for a model.
  ///
  /// - Parameters:
  ///   - name: The model, or a file of it.
  ///   - url: The address that was asked.
  ///   - limit: The variable of the environment that says how long an answer may take.
  func error(_ name: some CustomStringConvertible, _ url: HubURL, limit: String) -> DiffusionError {
    let host = "\(url.scheme)://\(url.authority)"
    switch reason {
    case .unreachable:
      return DiffusionError(
        .missingInput, "\(name): not in the cache, and \(host) cannot be reached (\(detail)); check the network")
    case .insecure:
      return DiffusionError(
        .inputOutput,
        "\(name): the connection to \(host) is not secure (\(detail)); check the clock, the proxy and SSL_CERT_FILE")
    case .stalled:
      return DiffusionError(
        .inputOutput, "\(name): \(host) stopped answering (\(detail)); try again, or raise \(limit)")
    case .cut:
      return DiffusionError(.inputOutput, "\(name): \(host) ended the connection (\(detail)); try again")
    case .other:
      return DiffusionError(.inputOutput, "\(name): \(host) cannot be read (\(detail))")
    }
  }
}
