import CCurl
import Glibc
import Synchronization

/// Requests by the system's libcurl, which is loaded when the first one is made.
///
/// It keeps one connection, which requests use in turn.
public final class CurlTransport: HubTransport {
  private let proxies: ProxySettings
  /// A file of certificates; nil for the system's.
  private let certificates: String?
  private let connection = Mutex<Connection?>(nil)

  /// Creates a transport. Nothing is loaded or connected yet.
  ///
  /// - Parameter environment: The environment of the process: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`
  ///   in upper or lower case, and `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE`, a file of certificates.
  public init(environment: [String: String]) {
    proxies = ProxySettings(environment: environment)
    certificates = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"].lazy
      .compactMap { environment[$0] }.first { !$0.isEmpty }
  }

  /// Makes a request; see ``HubTransport/perform(_:check:receive:)``.
  public func perform(
    _ request: HubRequest, check: @escaping () throws -> Void,
    receive: @escaping (HubResponse, UnsafeRawBufferPointer) throws -> Void
  ) throws -> HubResponse {
    let exchange = Exchange(check: check, receive: receive)
    let failure = try connection.withLock { connection in
      let open = try connection ?? Connection()
      connection = open
      return open.perform(request, exchange, proxies: proxies, certificates: certificates)
    }
    if let error = exchange.error { throw error }
    if let failure { throw failure }
    return exchange.response
  }
}

/// A connection of libcurl.
///
/// It is `@unchecked Sendable` because the compiler cannot see behind a C handle. The invariant: it is private to the
/// transport, which makes it, uses it and drops it under its lock alone, and its callbacks run inside `perform`
/// (CurlTransportTests, "requests of several threads take turns").
private final class Connection: @unchecked Sendable {
  private let handle: OpaquePointer

  init() throws {
    var message = [CChar](repeating: 0, count: 256)
    guard let handle = ccurl_open(&message) else { throw HubFailure(.other, String(line: message)) }
    self.handle = handle
  }

  deinit { ccurl_close(handle) }

  func perform(
    _ request: HubRequest, _ exchange: Exchange, proxies: ProxySettings, certificates: String?
  ) -> HubFailure? {
    var message = [CChar](repeating: 0, count: 256)
    let lines = request.headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    let texts = CTexts(
      [request.url.text, proxies.proxy(for: request.url), proxies.exceptions, certificates ?? ""] + lines)
    let result = withExtendedLifetime(exchange) {
      texts.pointers.dropFirst(4).withUnsafeBufferPointer { headers in
        var form = ccurl_request()
        form.url = texts.pointers[0]
        (form.proxy, form.no_proxy) = (texts.pointers[1], texts.pointers[2])
        form.certificates = certificates == nil ? nil : texts.pointers[3]
        form.headers = headers.baseAddress
        form.is_head = request.isHead ? 1 : 0
        form.connect_milliseconds = Int(request.timeout * 1000)
        form.stall_seconds = max(1, Int(request.timeout.rounded(.up)))
        form.context = Unmanaged.passUnretained(exchange).toOpaque()
        form.header = { Exchange.at($0).take(header: UnsafeRawBufferPointer(start: $1, count: $2)) }
        form.body = { Exchange.at($0).take(body: UnsafeRawBufferPointer(start: $1, count: $2)) }
        form.poll = { Exchange.at($0).poll() }
        return ccurl_perform(handle, &form, &message)
      }
    }
    let detail = String(line: message)
    switch result {
    case CCURL_DONE: return nil
    case CCURL_UNREACHABLE: return HubFailure(.unreachable, detail)
    case CCURL_INSECURE: return HubFailure(.insecure, detail)
    case CCURL_STALLED: return HubFailure(.stalled, detail)
    case CCURL_CUT: return HubFailure(.cut, detail)
    default: return HubFailure(.other, detail)
    }
  }
}

/// Texts for C, each ended by a zero, with a null pointer behind the last.
private final class CTexts {
  let pointers: [UnsafePointer<CChar>?]
  private let owned: [UnsafeMutablePointer<CChar>?]

  init(_ texts: [String]) {
    owned = texts.map { strdup($0) }
    pointers = owned.map { UnsafePointer($0) } + [nil]
  }

  deinit { owned.forEach { free($0) } }
}

extension String {
  /// The text before the first zero.
  fileprivate init(line bytes: [CChar]) {
    self.init(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// The proxies that an environment names.
struct ProxySettings: Sendable {
  private let proxies: [String: String]
  /// The hosts that need none, separated by commas.
  let exceptions: String

  init(environment: [String: String]) {
    func value(_ name: String) -> String? {
      [name, name.uppercased()].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    proxies = Dictionary(
      uniqueKeysWithValues: ["http", "https"].compactMap { scheme in
        (value("\(scheme)_proxy") ?? value("all_proxy")).map { (scheme, $0) }
      })
    exceptions = value("no_proxy") ?? ""
  }

  /// The proxy for an address; empty for none.
  func proxy(for url: HubURL) -> String { proxies[url.scheme] ?? "" }
}

/// A request in progress: what libcurl's callbacks find.
private final class Exchange {
  private let check: () throws -> Void
  private let receive: (HubResponse, UnsafeRawBufferPointer) throws -> Void
  private var status = 0
  private var fields: [String: String] = [:]
  /// What a closure threw.
  private(set) var error: (any Error)?

  var response: HubResponse { HubResponse(status: status, headers: fields) }

  init(check: @escaping () throws -> Void, receive: @escaping (HubResponse, UnsafeRawBufferPointer) throws -> Void) {
    (self.check, self.receive) = (check, receive)
  }

  /// The exchange that C got the address of.
  static func at(_ context: UnsafeMutableRawPointer?) -> Exchange {
    guard let context else { preconditionFailure("libcurl lost the request") }
    return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  }

  func poll() -> Int32 { attempt { try check() } }

  func take(body bytes: UnsafeRawBufferPointer) -> Int32 {
    attempt { try receive(response, bytes) }
  }

  /// The longest head that is read, in bytes.
  private static let maximumHead = 1 << 18
  private var headBytes = 0

  func take(header bytes: UnsafeRawBufferPointer) -> Int32 {
    headBytes += bytes.count
    guard headBytes <= Self.maximumHead else {
      return attempt { throw HubFailure(.other, "the head of the answer is longer than \(Self.maximumHead) bytes") }
    }
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // An answer may come after another one (100 Continue).
      (status, fields) = (line.split(separator: " ").dropFirst().first.flatMap { Int($0.prefix(3)) } ?? 0, [:])
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      fields[line[..<colon].lowercased()] = String(value.prefix { !$0.isNewline })
    }
    return 0
  }

  private func attempt(_ work: () throws -> Void) -> Int32 {
    do {
      try work()
      return 0
    } catch {
      self.error = self.error ?? error
      return 1
    }
  }
}
