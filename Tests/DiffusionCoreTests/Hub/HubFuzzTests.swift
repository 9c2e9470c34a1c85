import FoundationEssentials
import Synchronization
import TestSupport
import Testing

import DiffusionCore

/// Hubs that answer with nonsense: changed statuses, fields, addresses and bodies.
@Suite struct HubFuzzTests {
  /// A Hub in memory whose answers are changed at random.
  private final class BrokenHub: HubTransport {
    private let random: Mutex<Splitmix>
    private let files: [String: [UInt8]]

    init(_ files: [String: [UInt8]], seed: UInt64) {
      self.files = files
      random = Mutex(Splitmix(state: seed))
    }

    func perform(
      _ request: HubRequest, check: @escaping () throws -> Void,
      receive: @escaping (HubResponse, UnsafeRawBufferPointer) throws -> Void
    ) throws -> HubResponse {
      try check()
      var (response, body) = answer(request)
      let breaks = random.withLock { random -> Bool in
        if random.below(4) == 0 { body = Self.changed(body, &random) }
        if random.below(6) == 0 { response = Self.changed(response, &random) }
        return random.below(20) == 0
      }
      if !request.isHead {
        let parts = [body[..<(body.count / 2)], body[(body.count / 2)...]]
        for part in breaks ? Array(parts.prefix(1)) : parts where !part.isEmpty {
          try part.withUnsafeBytes { try receive(response, $0) }
        }
      }
      if breaks { throw HubFailure(random.withLock { $0.below(2) == 0 } ? .cut : .other, "broken") }
      return response
    }

    private func answer(_ request: HubRequest) -> (HubResponse, [UInt8]) {
      let path = request.url.text.dropFirst("http://hub".count)
      func head(_ fields: [String: String] = [:], _ body: [UInt8]) -> (HubResponse, [UInt8]) {
        (HubResponse(status: 200, headers: fields.merging(["content-length": "\(body.count)"]) { $1 }), body)
      }
      if path.contains("/revision/") { return head([:], Array(#"{"sha": "\#(FakeHub.commit)"}"#.utf8)) }
      if path.contains("/tree/") {
        let list = files.keys.sorted().map {
          #"{"type": "file", "path": "\#($0)", "size": \#(files[$0]?.count ?? 0)}"#
        }
        return head([:], Array("[\(list.joined(separator: ", "))]".utf8))
      }
      let name = path.split(separator: "/").dropFirst(4).joined(separator: "/")
      guard let bytes = files[name] else {
        return (HubResponse(status: 404, headers: ["x-error-code": "EntryNotFound"]), [])
      }
      let fields = ["x-repo-commit": FakeHub.commit, "etag": "\"\(FakeHub.digest(bytes, isLarge: false))\""]
      return head(fields, bytes)
    }

    private static func changed(_ body: [UInt8], _ random: inout Splitmix) -> [UInt8] {
      var body = body
      let words = [
        "..", "/", "\\u0000", "\"", "-1", "1e999", "9223372036854775808", "null", "[[[[", "{}", "\u{FF}", "~",
      ]
      switch random.below(5) {
      case 0: body.removeLast(random.below(body.count + 1))
      case 1: if !body.isEmpty { body[random.below(body.count)] = UInt8(random.below(256)) }
      case 2: body += body
      case 3: body = (0..<random.below(40)).map { _ in UInt8(random.below(256)) }
      default: body.insert(contentsOf: words[random.below(words.count)].utf8, at: random.below(body.count + 1))
      }
      return body
    }

    private static func changed(_ response: HubResponse, _ random: inout Splitmix) -> HubResponse {
      let statuses = [0, 100, 200, 204, 206, 301, 302, 307, 401, 403, 404, 416, 429, 500, 503, 999]
      let values = [
        "", "-1", "0", "99999999999999999999", "http://other/x", "/", "//", "..", "x://", "http://hub/api/models/a/b",
        "\"" + String(repeating: "0", count: 64) + "\"", String(repeating: "f", count: 40), "W/", "\"../../evil\"",
        "r=0;t=9", "bytes 0-", "<http://hub/api/x>; rel=\"next\"", "<", "GatedRepo",
      ]
      let names = [
        "location", "content-length", "etag", "x-linked-etag", "x-linked-size", "x-repo-commit", "x-error-code",
        "x-error-message", "retry-after", "ratelimit", "link", "content-range", "content-encoding", "date",
      ]
      var fields = response.headers
      for _ in 0...random.below(3) {
        let name = names[random.below(names.count)]
        fields[name] = random.below(4) == 0 ? nil : values[random.below(values.count)]
      }
      return HubResponse(
        status: random.below(2) == 0 ? response.status : statuses[random.below(statuses.count)], headers: fields)
    }
  }

  private struct Splitmix: Sendable {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int((z ^ (z >> 31)) % UInt64(bound))
    }
  }

  /// Every blob has the content that its name stands for, and nothing is anywhere else.
  private func check(_ cache: String) throws {
    for case let path in try FileManager.default.subpathsOfDirectory(atPath: cache) {
      let full = "\(cache)/\(path)"
      guard FileAccess.destination(ofLink: full) == nil, FileAccess.kind(of: full) == .file else { continue }
      let parts = path.split(separator: "/").map(String.init)
      if parts.count == 3, parts[1] == "blobs" {
        let bytes = try FileAccess.read(full)
        #expect(FakeHub.digest(bytes, isLarge: parts[2].utf8.count == 64) == parts[2])
      } else {
        let expected = parts[0] == ".locks" || parts == ["CACHEDIR.TAG"] || parts.contains(".no_exist")
        #expect(expected || parts.contains("refs"), "\(path)")
      }
    }
  }

  /// More executions than the usual 300: `HUB_FUZZ=100000`, with another first seed by `HUB_FUZZ_SEED`.
  @Test func nonsenseIsAnErrorAndNeverAFile() throws {
    let variables = ProcessInfo.processInfo.environment
    let count = variables["HUB_FUZZ"].flatMap { Int($0) } ?? 300
    let first = variables["HUB_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
    let files = HubTests.files.merging([HubTests.large: Array(1...200)]) { $1 }
    let scratch = try ScratchFolder()
    let environment = ["HF_ENDPOINT": "http://hub", "HF_HUB_CACHE": scratch.path, "HOME": "/no/such/home"]
    let name = try #require(HubName("owner/name"))
    var opened = 0
    for run in 0..<count {
      let hub = Hub(
        environment: environment, transport: BrokenHub(files, seed: first &+ UInt64(run)),
        clock: HubClock(now: { 0 }, pause: { _, check in try check() }))
      do {
        let source = try hub.pull(name)
        opened += 1
        let same = try source.files().allSatisfy { file in
          files[String(file.path.split(separator: "/").last ?? "")] == (try file.read())
        }
        #expect(same)
      } catch let error as DiffusionError {
        #expect(!error.message.isEmpty)
      }
      if run % 100 == 99 || count - run < 3 {
        try check(scratch.path)
        _ = hub.cache.models()
        if FileAccess.kind(of: hub.cache.folder(of: "owner/name")) != nil { _ = try hub.cache.remove(name) }
      }
    }
    #expect(opened > count / 100)
  }
}
