import Glibc
import Synchronization

/// A server on loopback that answers one request for each connection, and can misbehave as no library's server would:
/// it cuts, stalls, says another length than it sends, or speaks no HTTP. (FlyingFox, for one, writes Content-Length by
/// itself and has no connection to cut.)
package final class LoopbackServer: Sendable {
  /// A request as it came.
  package struct Request: Sendable {
    package let method, path: String
    /// Its fields, by their names in lower case.
    package let headers: [String: String]
  }

  /// An answer.
  package struct Reply: Sendable {
    package var status = 200
    package var headers: [String: String] = [:]
    package var body: [UInt8] = []
    /// The length that it announces; that of the body if nil.
    package var announced: Int?
    /// After how many bytes of the body the connection ends, or nothing comes any more; nil for never.
    package var cut: Int?, stall: Int?
    /// Whether it is no HTTP at all.
    package var isGarbage = false
    /// Whether nothing comes at all.
    package var isSilent = false

    package init(_ status: Int = 200, _ headers: [String: String] = [:], body: [UInt8] = []) {
      (self.status, self.headers, self.body) = (status, headers, body)
    }
  }

  private struct State {
    var requests: [Request] = []
    var isClosed = false
  }

  /// `http://127.0.0.1:PORT`.
  package let address: String
  private let descriptor: Int32
  private let state = Mutex(State())
  private let answer: @Sendable (Request) -> Reply

  /// The requests so far.
  package var requests: [Request] { state.withLock { $0.requests } }

  /// Starts a server on a free port.
  package init(_ answer: @escaping @Sendable (Request) -> Reply) {
    self.answer = answer
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutableBytes(of: &place) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
      guard let pointer else { return }
      bind(listener, pointer, size)
      listen(listener, 64)
      getsockname(listener, pointer, &size)
    }
    address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
    descriptor = listener
    let handle = Handle(self)
    runOnOwnThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else {
          // Closed here and not where it is stopped: until then no other server can get the same number.
          close(listener)
          return
        }
        runOnOwnThread {
          handle.server?.serve(connection)
          close(connection)
        }
      }
    }
  }

  deinit { stop() }

  /// Stops answering.
  package func stop() {
    let isFirst = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    if isFirst { shutdown(descriptor, Int32(SHUT_RDWR)) }
  }

  /// The server, as long as the test holds it.
  private final class Handle: Sendable {
    private let reference: Mutex<Weak>
    private struct Weak { weak var server: LoopbackServer? }
    var server: LoopbackServer? { reference.withLock { $0.server } }
    init(_ server: LoopbackServer) { reference = Mutex(Weak(server: server)) }
  }

  private func serve(_ connection: Int32) {
    guard let request = Self.read(connection) else { return }
    state.withLock { $0.requests.append(request) }
    let reply = answer(request)
    guard !reply.isSilent else { return Self.wait(connection) }
    guard !reply.isGarbage else { return Self.send(Array("no HTTP\n\n".utf8), connection) }
    var head = "HTTP/1.1 \(reply.status) X\r\nConnection: close\r\n"
    var headers = reply.headers
    let hasLength = headers.keys.contains { $0.lowercased() == "content-length" }
    if !hasLength { headers["Content-Length"] = "\(reply.announced ?? reply.body.count)" }
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
    let body = request.method == "HEAD" ? [] : reply.body
    let count = [reply.cut, reply.stall].compactMap { $0 }.min().map { min($0, body.count) } ?? body.count
    Self.send(Array((head + "\r\n").utf8) + body.prefix(count), connection)
    if reply.stall != nil, request.method != "HEAD" { Self.wait(connection) }
  }

  /// Waits until the client ends the connection.
  private static func wait(_ connection: Int32) {
    var byte: UInt8 = 0
    while recv(connection, &byte, 1, 0) > 0 {}
  }

  private static func read(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = [], byte: UInt8 = 0
    while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
      guard recv(connection, &byte, 1, 0) == 1, bytes.count < 1 << 16 else { return nil }
      bytes.append(byte)
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count == 3 else { return nil }
    let fields = lines.dropFirst().compactMap { line -> (String, String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return (line[..<colon].lowercased(), String(line[colon...].dropFirst().drop { $0 == " " }))
    }
    return Request(
      method: String(words[0]), path: String(words[1]),
      headers: Dictionary(fields, uniquingKeysWith: { first, _ in first }))
  }

  private static func send(_ bytes: [UInt8], _ connection: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
