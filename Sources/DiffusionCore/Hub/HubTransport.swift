import Glibc

/// What the client of the Hub needs of a network. ``CurlTransport`` is the usual one.
public protocol HubTransport: Sendable {
  /// Makes a request, without following redirects.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - check: Called several times a second; an error it throws stops the request.
  ///   - receive: Takes the body in parts, each with the head of the answer; an error it throws stops the request.
  /// - Returns: The head of the answer.
  /// - Throws: ``HubFailure``, or what a closure throws.
  func perform(
    _ request: HubRequest, check: @escaping () throws -> Void,
    receive: @escaping (HubResponse, UnsafeRawBufferPointer) throws -> Void
  ) throws -> HubResponse
}

/// A request to the Hub, or to where it keeps its files.
public struct HubRequest: Sendable, Equatable {
  /// Whether only the head of the answer is asked for (HEAD instead of GET).
  public var isHead = false
  /// The address, of the scheme http or https.
  public var url: HubURL
  /// The fields of its head, by their names.
  public var headers: [String: String] = [:]
  /// The time limit for connecting, and the longest time without a byte, in seconds.
  public var timeout = 10.0

  /// Creates a request.
  ///
  /// - Parameters:
  ///   - url: The address.
  ///   - isHead: Whether only the head of the answer is asked for.
  ///   - headers: The fields of its head.
  ///   - timeout: The time limit for connecting, and the longest time without a byte, in seconds.
  public init(_ url: HubURL, isHead: Bool = false, headers: [String: String] = [:], timeout: Double = 10) {
    (self.url, self.isHead, self.headers, self.timeout) = (url, isHead, headers, timeout)
  }
}

/// The head of an answer.
public struct HubResponse: Sendable, Equatable {
  /// Its status: 200, 302, 404.
  public let status: Int
  /// Its fields, by their names in lower case.
  public let headers: [String: String]

  /// Creates a head.
  ///
  /// - Parameters:
  ///   - status: Its status.
  ///   - headers: Its fields, by their names in lower case.
  public init(status: Int, headers: [String: String]) {
    (self.status, self.headers) = (status, headers)
  }

  subscript(_ name: String) -> String? { headers[name] }

  /// Where it redirects to; nil if it is no redirect.
  var location: String? { (300..<400).contains(status) ? headers["location"] : nil }
  /// The length of its body, as it says.
  var contentLength: Int? { headers["content-length"].flatMap { Int($0) } }

  /// How long to wait before the next try, in seconds, as it asks: `Retry-After`, or for too many requests the time
  /// until the limit is reset (`RateLimit`).
  package var retryDelay: Double? {
    let parts = status == 429 ? (headers["ratelimit"] ?? "").split(separator: ";") : []
    if parts.contains("r=0"), let reset = parts.first(where: { $0.hasPrefix("t=") }),
      let seconds = Int(reset.dropFirst(2))
    {
      return Self.delay(seconds) + 1
    }
    guard let text = headers["retry-after"] else { return nil }
    if let seconds = Int(text) { return Self.delay(seconds) }
    // A date, which is compared with that of the answer, so that the two clocks need not agree.
    guard let end = Self.seconds(of: text), let now = Self.seconds(of: headers["date"] ?? "") else { return nil }
    return Self.delay(end - now)
  }

  /// A wait of at least 0 seconds, and of no more than can be said.
  private static func delay(_ seconds: Int) -> Double { Double(min(max(0, seconds), 1 << 40)) }

  /// The seconds since 1970 of a date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
  private static func seconds(of date: String) -> Int? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let words = date.split { $0 == " " || $0 == ":" }
    guard words.count == 8, words[7] == "GMT", let month = months.firstIndex(of: String(words[2])) else { return nil }
    let numbers = [1, 3, 4, 5, 6].compactMap { Int32(words[$0]) }
    guard numbers.count == 5, numbers.allSatisfy({ (0...9999).contains($0) }) else { return nil }
    var time = tm()
    (time.tm_mday, time.tm_mon, time.tm_year) = (numbers[0], Int32(month), numbers[1] - 1900)
    (time.tm_hour, time.tm_min, time.tm_sec) = (numbers[2], numbers[3], numbers[4])
    return timegm(&time)
  }
}

/// A request without an answer.
public struct HubFailure: Error, Equatable {
  /// Why there is none.
  public enum Reason: Sendable {
    /// No connection: the name, the address or the proxy.
    case unreachable
    /// A certificate, or the negotiation of a secure connection.
    case insecure
    /// Nothing came for too long.
    case stalled
    /// The connection ended too early.
    case cut
    /// Anything else.
    case other
  }

  /// Why there is none.
  public let reason: Reason
  /// The library's own words.
  public let detail: String

  /// Creates a failure.
  ///
  /// - Parameters:
  ///   - reason: Why there is no answer.
  ///   - detail: The library's own words.
  public init(_ reason: Reason, _ detail: String) {
    (self.reason, self.detail) = (reason, detail)
  }
}

/// An absolute address of the scheme http or https.
public struct HubURL: Sendable, Hashable, CustomStringConvertible {
  /// The whole address.
  public let text: String
  /// `https`, and the host with its port.
  let scheme, authority: String
  /// The path, with the query behind it.
  private let rest: Substring

  /// Reads an address; nil for one that is not absolute, of another scheme, or not plain ASCII.
  public init?(_ text: String) {
    guard let colon = text.firstRange(of: "://"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    let end = text[colon.upperBound...].firstIndex { "/?#".contains($0) } ?? text.endIndex
    scheme = text[..<colon.lowerBound].lowercased()
    authority = text[colon.upperBound..<end].lowercased()
    guard ["http", "https"].contains(scheme), !authority.isEmpty, !authority.contains("@") else { return nil }
    (self.text, rest) = (text, text[end...])
  }

  /// The address that a `Location` names, which may be relative to this one.
  func following(_ location: String) -> HubURL? {
    if location.hasPrefix("//") { return HubURL("\(scheme):\(location)") }
    if location.hasPrefix("/") { return HubURL("\(scheme)://\(authority)\(location)") }
    if let absolute = location.firstRange(of: "://"), !location[..<absolute.lowerBound].contains("/") {
      return HubURL(location)
    }
    let path = rest.prefix { $0 != "?" && $0 != "#" }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
    return HubURL("\(scheme)://\(authority)\(folder)\(location)")
  }

  /// Scheme, host and port.
  var origin: String {
    let hasPort = authority.last != "]" && authority.contains(":")
    return "\(scheme)://\(authority)" + (hasPort ? "" : scheme == "https" ? ":443" : ":80")
  }

  /// The address without its query, which may hold a signature.
  public var description: String { String(text.prefix { $0 != "?" && $0 != "#" }) }

  /// A part of a path with everything but unreserved characters escaped.
  ///
  /// - Parameter keepsSlashes: Whether slashes separate its parts.
  static func escaped(_ text: String, keepsSlashes: Bool) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~\(keepsSlashes ? "/" : "")".utf8)
    return String(
      decoding: text.utf8.flatMap { byte -> [UInt8] in
        plain.contains(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }, as: UTF8.self)
  }
}
