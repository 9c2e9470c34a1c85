/// Asks the Hub about a model and its files.
struct HubClient {
  /// What is known of a file before it is downloaded.
  struct Metadata: Sendable, Equatable {
    /// The commit that it belongs to.
    let commit: String
    /// The name of its content: SHA-256, or git's SHA-1 of the blob.
    let etag: String
    /// Its length in bytes; nil if the Hub does not say.
    let size: Int?
    /// Where it is.
    let location: HubURL
  }

  /// A file of a repository, as the Hub lists it.
  struct File: Sendable, Equatable {
    let path: String
    let size: Int
  }

  static let tries = 5
  private static let maximumRedirects = 20
  /// The longest answer of the Hub's interface, in bytes.
  private static let maximumAnswer = 64 << 20
  /// The longest wait that an answer may ask for, in seconds.
  private static let maximumDelay = 120.0

  let settings: HubSettings
  let transport: any HubTransport
  let clock: HubClock
  let check: () throws -> Void

  // MARK: - What the Hub knows

  /// The commit of a revision.
  func commit(of name: HubName) throws -> String {
    let revision = HubURL.escaped(name.revisionOrMain, keepsSlashes: false)
    let (bytes, response) = try answer("/api/models/\(name.repository)/revision/\(revision)", of: name)
    let about = "\(settings.endpoint)'s answer about \(name)"
    guard response.status == 200 else { throw HubRefusal(response).error(name, endpoint: settings.endpoint) }
    try JSONText.requireFewValues(bytes, source: about)
    guard case .table(let values)? = (try? JSONText.parse(bytes, source: about))?.value,
      case .text(let commit) = values["sha"], HubName.isCommit(commit)
    else {
      throw DiffusionError(.inputOutput, "\(about): names no commit; is HF_ENDPOINT a Hub, or does a proxy answer?")
    }
    return commit
  }

  /// The files of a commit.
  func files(of name: HubName, at commit: String) throws -> [File] {
    var files: [File] = []
    var path: String? = "/api/models/\(name.repository)/tree/\(commit)?recursive=true&expand=false"
    // Each page has 1000 files.
    for _ in 0..<100 {
      guard let next = path else { return files }
      let (bytes, response) = try answer(next, of: name)
      guard response.status == 200 else { throw HubRefusal(response).error(name, endpoint: settings.endpoint) }
      files += try Self.files(in: bytes, source: "\(settings.endpoint)'s list of the files of \(name)")
      path = try response["link"].flatMap(nextPage)
    }
    throw DiffusionError(.badData, "\(name): has more files than a model can have")
  }

  /// The sizes that a file can have, in bytes. Larger ones are lies, which would overflow sums.
  static let fileSizes = 0...(1 << 50)

  private static func files(in bytes: [UInt8], source: String) throws -> [File] {
    guard case .list(let entries) = try JSONText.parse(bytes, source: source).value else {
      throw DiffusionError(.inputOutput, "\(source): is not a list")
    }
    return try entries.compactMap { entry in
      guard case .table(let values) = entry, case .text(let type) = values["type"],
        case .text(let path) = values["path"]
      else { throw DiffusionError(.inputOutput, "\(source): has an entry without type and path; is it a Hub?") }
      guard type == "file" else { return nil }
      // An entry that is left out could be the model's weights: the list is refused as a whole.
      guard HubCache.isName(path) else {
        throw DiffusionError(
          .badData, "\(source): \"\(path.prefix(200))\" is not the name of a file in a model's folder")
      }
      guard case .integer(let found) = values["size"], let size = Int(exactly: found), fileSizes.contains(size) else {
        throw DiffusionError(.badData, "\(source): \(path) has no size that a file can have")
      }
      return File(path: path, size: size)
    }
  }

  /// The path of the next page: `<https://.../tree/...?cursor=x>; rel="next"`.
  ///
  /// - Throws: ``DiffusionError`` (`inputOutput`) for a page on another server: files would be missing without it.
  private func nextPage(_ link: String) throws -> String? {
    for part in link.split(separator: ",") where part.contains("rel=\"next\"") {
      let address = part.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }
      if address.hasPrefix(settings.endpoint.text + "/") {
        return String(address.dropFirst(settings.endpoint.text.count))
      }
      if address.hasPrefix("/") { return String(address) }
      throw DiffusionError(
        .inputOutput,
        "\(settings.endpoint): continues a list of files at \(address), which is not its own; is "
          + "HF_ENDPOINT right?")
    }
    return nil
  }

  /// What the Hub knows of a file; nil if the commit has none of that name.
  ///
  /// - Parameters:
  ///   - file: Its path in the repository.
  ///   - name: The model.
  ///   - commit: The commit.
  func metadata(of file: String, _ name: HubName, at commit: String) throws -> Metadata? {
    let start = try address(of: file, name, at: commit)
    let (response, url) = try following(HubRequest(start, isHead: true, timeout: settings.metadataTimeout), of: name)
    if response.status == 404, response["x-error-code"] == "EntryNotFound" { return nil }
    guard response.status < 400 else {
      throw HubRefusal(response).error(name.at(commit), file: file, endpoint: settings.endpoint)
    }
    let what = "\(name): \(settings.endpoint)'s answer about \(file)"
    guard let found = response["x-repo-commit"], HubName.isCommit(found) else {
      throw DiffusionError(.inputOutput, "\(what) has no X-Repo-Commit: is HF_ENDPOINT a Hub, or does a proxy answer?")
    }
    let etag = Self.plain(response["x-linked-etag"] ?? response["etag"] ?? "")
    guard HubName.isDigest(etag, digits: 40) || HubName.isDigest(etag, digits: 64) else {
      throw DiffusionError(
        .inputOutput, "\(what) has the ETag '\(etag)': expected a SHA-256 or git's SHA-1, to check the file against")
    }
    let linked = response["x-linked-size"].flatMap { Int($0) }
    return Metadata(
      commit: found, etag: etag, size: linked ?? (response.location == nil ? response.contentLength : nil),
      location: response.location.flatMap(url.following) ?? url)
  }

  /// The address of a file of a commit.
  func address(of file: String, _ name: HubName, at commit: String) throws -> HubURL {
    let path = "/\(name.repository)/resolve/\(commit)/\(HubURL.escaped(file, keepsSlashes: true))"
    guard let url = HubURL(settings.endpoint.text + path) else {
      throw DiffusionError(.badData, "\(name): has a file whose name cannot be part of an address: \(file)")
    }
    return url
  }

  /// An ETag without `W/` and quotes.
  private static func plain(_ etag: String) -> String {
    var text = etag.hasPrefix("W/") ? etag.dropFirst(2) : etag[...]
    while text.first == "\"" { text.removeFirst() }
    while text.last == "\"" { text.removeLast() }
    return String(text)
  }

  // MARK: - Requests

  /// Makes a request for metadata. Redirects are followed on the same origin, and to others while the answer is not
  /// the Hub's own; one to where files are kept is the answer.
  private func following(_ request: HubRequest, of name: HubName) throws -> (HubResponse, HubURL) {
    var request = request
    for _ in 0...Self.maximumRedirects {
      let response = try persistently(request, of: name) { _, _ in }
      guard let next = try target(of: response, at: request.url) else { return (response, request.url) }
      if next.origin != request.url.origin, response["x-repo-commit"] != nil { return (response, request.url) }
      request.url = next
    }
    throw redirectsInCircles(request.url)
  }

  /// Gets a file from an address, following redirects; parts of the body are those of the last answer.
  func get(
    _ request: HubRequest, receive: @escaping (HubResponse, UnsafeRawBufferPointer) throws -> Void
  ) throws -> HubResponse {
    var request = request
    for _ in 0...Self.maximumRedirects {
      let response = try transport.perform(authorized(request), check: check) { response, bytes in
        if response.location == nil { try receive(response, bytes) }
      }
      guard let next = try target(of: response, at: request.url) else { return response }
      request.url = next
    }
    throw redirectsInCircles(request.url)
  }

  /// Where an answer redirects to; nil if it is no redirect.
  ///
  /// - Throws: ``DiffusionError`` (`inputOutput`) for anything that is not asked over HTTP: `file://`, `ftp://`.
  private func target(of response: HubResponse, at url: HubURL) throws -> HubURL? {
    guard let location = response.location else { return nil }
    guard let next = url.following(location) else {
      throw DiffusionError(
        .inputOutput,
        "\(url): redirects to '\(location.prefix { $0 != "?" }.prefix(200))', which is no address of http or https")
    }
    return next
  }

  private func redirectsInCircles(_ url: HubURL) -> DiffusionError {
    DiffusionError(.inputOutput, "\(url): redirects more than \(Self.maximumRedirects) times; try again later")
  }

  /// The body of an answer of the Hub's interface.
  private func answer(_ path: String, of name: HubName) throws -> ([UInt8], HubResponse) {
    guard var url = HubURL(settings.endpoint.text + path) else {
      throw DiffusionError(.badData, "\(name): \(settings.endpoint)\(path) is not an address")
    }
    for _ in 0...Self.maximumRedirects {
      var bytes: [UInt8] = []
      let response = try persistently(
        HubRequest(url, timeout: settings.metadataTimeout), of: name, restart: { bytes = [] }
      ) { _, part in
        guard bytes.count + part.count <= Self.maximumAnswer else {
          throw DiffusionError(.inputOutput, "\(url): answers with more than \(Self.maximumAnswer) bytes")
        }
        bytes += part
      }
      guard let next = try target(of: response, at: url) else { return (bytes, response) }
      url = next
    }
    throw redirectsInCircles(url)
  }

  /// Makes a request, and again where the server is busy or the connection failed on the way.
  private func persistently(
    _ request: HubRequest, of name: HubName, restart: () -> Void = {},
    receive: @escaping (HubResponse, UnsafeRawBufferPointer) throws -> Void
  ) throws -> HubResponse {
    for attempt in 1... {
      let isLast = attempt == Self.tries
      do {
        let response = try transport.perform(authorized(request), check: check, receive: receive)
        guard Self.isTemporary(response.status), !isLast else { return response }
        try wait(after: attempt, response, request.url)
      } catch let failure as HubFailure {
        guard failure.reason == .stalled || failure.reason == .cut, !isLast else {
          throw failure.error(name, request.url, limit: "HF_HUB_ETAG_TIMEOUT")
        }
        try wait(after: attempt, nil, request.url)
      }
      restart()
    }
    throw CancellationError()
  }

  /// Whether a status may be another one soon.
  static func isTemporary(_ status: Int) -> Bool { [408, 429, 500, 502, 503, 504].contains(status) }

  /// Waits before the next try: as long as the answer asks for, else 1, 2, 4, 8 seconds.
  func wait(after attempt: Int, _ response: HubResponse?, _ url: HubURL) throws {
    let delay = response?.retryDelay ?? Double(min(8, 1 << (attempt - 1)))
    guard delay <= Self.maximumDelay else {
      throw DiffusionError(
        .inputOutput, "\(url): is busy, and asks to wait \(Int(delay)) seconds; try again later")
    }
    try clock.pause(delay, check)
  }

  /// The request as it is sent. The token goes to the Hub's own origin and nowhere else.
  private func authorized(_ request: HubRequest) -> HubRequest {
    var request = request
    // What is compressed on the way has another length.
    request.headers["Accept-Encoding"] = "identity"
    request.headers["User-Agent"] = "diffusion-tui"
    if let token = settings.token, request.url.origin == settings.endpoint.origin {
      request.headers["Authorization"] = "Bearer \(token)"
    }
    return request
  }
}
