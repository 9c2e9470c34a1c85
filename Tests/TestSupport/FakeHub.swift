import Crypto
import DiffusionCore
import FoundationEssentials
import Synchronization

/// A Hub of one model on loopback. Large files are on another server, as on the real Hub.
package final class FakeHub: Sendable {
  package static let commit = String(repeating: "0123456789", count: 4)
  package typealias Reply = LoopbackServer.Reply

  /// What a test changes of it.
  package struct Behaviour: Sendable {
    package var files: [String: [UInt8]]
    /// The files that are on the other server.
    package var large: Set<String> = ["diffusion_pytorch_model.safetensors"]
    package var commit = FakeHub.commit
    /// Answers for some requests in place of the usual ones, by the request and how often it came before.
    package var instead: @Sendable (_ request: LoopbackServer.Request, _ before: Int) -> Reply? = { _, _ in nil }
    /// Likewise for the other server, which gets the usual answer.
    package var insteadOfContent: @Sendable (_ request: LoopbackServer.Request, _ before: Int, Reply) -> Reply = {
      $2
    }
  }

  private let shared: Shared
  private let servers: (hub: LoopbackServer, content: LoopbackServer)

  /// The Hub's address.
  package var address: String { servers.hub.address }
  /// The requests to the Hub, and to the server of the large files.
  package var requests: [LoopbackServer.Request] { servers.hub.requests }
  package var contentRequests: [LoopbackServer.Request] { servers.content.requests }

  /// The other server's address.
  package var contentAddress: String { servers.content.address }

  /// Starts a Hub with the model of a folder.
  package convenience init(model folder: String, change: (inout Behaviour) -> Void = { _ in }) throws {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
    let files = paths.filter { FileAccess.kind(of: "\(folder)/\($0)") == .file }
    self.init(
      files: try Dictionary(uniqueKeysWithValues: files.map { ($0, try FileAccess.read("\(folder)/\($0)")) })
    ) {
      $0.large = Set(files.filter { $0.hasSuffix(".safetensors") })
      change(&$0)
    }
  }

  /// Starts a Hub with a model's files.
  package init(files: [String: [UInt8]], change: (inout Behaviour) -> Void = { _ in }) {
    var behaviour = Behaviour(files: files)
    change(&behaviour)
    let shared = Shared(behaviour), counts = Counts()
    let content = LoopbackServer { request in
      let before = counts.next("content \(request.method) \(request.path)"), behaviour = shared.behaviour
      return behaviour.insteadOfContent(request, before, Self.content(request, behaviour))
    }
    let address = content.address
    let hub = LoopbackServer { request in
      let before = counts.next("\(request.method) \(request.path)"), behaviour = shared.behaviour
      return behaviour.instead(request, before) ?? Self.answer(request, behaviour, content: address)
    }
    servers = (hub, content)
    self.shared = shared
  }

  /// Changes what it does from now on.
  package func change(_ change: (inout Behaviour) -> Void) { shared.change(change) }

  private final class Shared: Sendable {
    private let state: Mutex<Behaviour>
    init(_ behaviour: Behaviour) { state = Mutex(behaviour) }
    var behaviour: Behaviour { state.withLock { $0 } }
    func change(_ change: (inout Behaviour) -> Void) { state.withLock { change(&$0) } }
  }

  private final class Counts: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    func next(_ key: String) -> Int {
      counts.withLock { counts in
        defer { counts[key, default: 0] += 1 }
        return counts[key, default: 0]
      }
    }
  }

  /// The SHA-256 of a large file, or git's SHA-1 of another.
  package static func digest(_ bytes: [UInt8], isLarge: Bool) -> String {
    isLarge
      ? hexadecimal(SHA256.hash(data: bytes))
      : hexadecimal(Insecure.SHA1.hash(data: Array("blob \(bytes.count)\0".utf8) + bytes))
  }

  private static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private static func answer(_ request: LoopbackServer.Request, _ behaviour: Behaviour, content: String) -> Reply {
    let path = request.path.prefix { $0 != "?" }
    if path.hasPrefix("/api/models/owner/name/revision/") {
      let revision = path.split(separator: "/").last ?? ""
      guard revision == "main" || revision == behaviour.commit || revision == "fp16" else {
        return Reply(404, ["X-Error-Code": "RevisionNotFound"])
      }
      return Reply(body: Array(#"{"id": "owner/name", "sha": "\#(behaviour.commit)"}"#.utf8))
    }
    if path.hasPrefix("/api/models/owner/name/tree/") {
      let entries = behaviour.files.sorted { $0.key < $1.key }.map {
        let digest = Self.digest($0.value, isLarge: false)
        return #"{"type": "file", "path": "\#($0.key)", "size": \#($0.value.count), "oid": "\#(digest)"}"#
      }
      return Reply(body: Array("[\(entries.joined(separator: ", "))]".utf8))
    }
    let prefix = "/owner/name/resolve/\(behaviour.commit)/"
    guard path.hasPrefix(prefix) else { return Reply(404, ["X-Error-Code": "RepoNotFound"]) }
    let file = String(path.dropFirst(prefix.count))
    guard let bytes = behaviour.files[file] else {
      return Reply(404, ["X-Error-Code": "EntryNotFound", "X-Repo-Commit": behaviour.commit])
    }
    let isLarge = behaviour.large.contains(file), digest = Self.digest(bytes, isLarge: isLarge)
    guard isLarge else {
      return Reply(200, ["X-Repo-Commit": behaviour.commit, "ETag": "W/\"\(digest)\""], body: bytes)
    }
    return Reply(
      302,
      [
        "X-Repo-Commit": behaviour.commit, "X-Linked-Etag": "\"\(digest)\"", "X-Linked-Size": "\(bytes.count)",
        "Location": "\(content)/\(file)?signature=1",
      ], body: Array("elsewhere".utf8))
  }

  private static func content(_ request: LoopbackServer.Request, _ behaviour: Behaviour) -> Reply {
    let file = String(request.path.dropFirst().prefix { $0 != "?" })
    guard let bytes = behaviour.files[file] else { return Reply(404) }
    guard let range = request.headers["range"], let start = Int(range.dropFirst(6).dropLast()) else {
      return Reply(body: bytes)
    }
    return Reply(
      206, ["Content-Range": "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"], body: Array(bytes[start...]))
  }
}
