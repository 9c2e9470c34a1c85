import Glibc
import TestSupport
import Testing

import DiffusionCore

/// Lists, redirects and parts of files as no Hub gives them, and caches that are not whole.
extension HubTests {
  @Test(arguments: [
    (#"{"type": "file", "path": "unet/../../x", "size": 1}"#, "is not the name of a file"),
    (#"{"type": "file", "path": "/etc/passwd", "size": 1}"#, "is not the name of a file"),
    (#"{"type": "file", "path": "", "size": 1}"#, "is not the name of a file"),
    (#"{"type": "file", "path": "x.bin", "size": 4611686018427387904}"#, "has no size that a file can have"),
    (#"{"type": "file", "path": "x.bin", "size": -1}"#, "has no size that a file can have"),
    (#"{"type": "file", "path": "x.bin"}"#, "has no size that a file can have"),
    (#"{"type": "file", "size": 1}"#, "has an entry without type and path"), ("3", "has an entry without type"),
  ])
  func aListWithASenselessEntryIsRefused(_ entry: String, _ message: String) throws {
    let fake = FakeHub(files: Self.files) {
      $0.instead = { request, _ in
        guard request.path.contains("/tree/") else { return nil }
        let entries = Self.files.map { #"{"type": "file", "path": "\#($0)", "size": \#($1.count)}"# }
        return LoopbackServer.Reply(body: Array("[\((entries + [entry]).joined(separator: ","))]".utf8))
      }
    }
    let error = try error(fake)
    #expect(error.message.contains(message) && !error.message.contains("\n"), "\(error)")
    #expect(try isEmpty())
  }

  @Test(arguments: ["file:///etc/passwd", "gopher://elsewhere/x"]) func aRedirectOffHTTPIsSaid(_ target: String) throws
  {
    let everywhere = FakeHub(files: Self.files) {
      $0.instead = { _, _ in LoopbackServer.Reply(302, ["Location": target]) }
    }
    #expect(try error(everywhere).message.contains("redirects to '\(target)', which is no address of http"))
    let content = FakeHub(files: Self.files) {
      $0.insteadOfContent = { _, _, _ in LoopbackServer.Reply(302, ["Location": target]) }
    }
    #expect(try error(content).message.contains("redirects to '\(target)', which is no address of http"))
  }

  @Test func theLimitThatRanOutIsNamed() async throws {
    let silent = FakeHub(files: Self.files) {
      $0.instead = { _, _ in
        var reply = LoopbackServer.Reply()
        reply.isSilent = true
        return reply
      }
    }
    let first = try await onOwnThread { try error(silent) }
    #expect(first.message.hasSuffix("or raise HF_HUB_ETAG_TIMEOUT"))
    let stalled = FakeHub(files: Self.files) {
      $0.insteadOfContent = { _, _, reply in
        var reply = reply
        reply.stall = 1000
        return reply
      }
    }
    let second = try await onOwnThread { try error(stalled) }
    #expect(second.message.hasSuffix("or raise HF_HUB_DOWNLOAD_TIMEOUT"))
  }

  @Test func aBlobThatWasCutComesAgain() throws {
    let fake = FakeHub(files: Self.files), name = try #require(HubName("owner/name"))
    _ = try hub(fake).pull(name)
    let whole = try tree()
    let blob = "\(scratch.path)/models--owner--name/blobs/\(FakeHub.digest(Self.weights, isLarge: true))"
    #expect(truncate(blob, 1000) == 0)
    _ = try hub(fake).pull(name)
    #expect(try tree() == whole)
    #expect(fake.contentRequests.count == 2)
  }

  /// A second request is answered with status 206 and a range that was not asked for.
  @Test(arguments: [
    ("bytes 0-2999999/3000000", 0, nil), ("bytes 2000000-2999999/3000000", 0, "sends the range 'bytes 2000000-"),
    ("bytes 7-2999999/3000000", 7, "sends the range 'bytes 7-"),
  ])
  func aWrongRangeIsSaid(_ range: String, _ start: Int, _ message: String?) throws {
    let fake = FakeHub(files: Self.files) {
      $0.insteadOfContent = { request, _, reply in
        var reply = reply
        guard request.headers["range"] != nil else {
          reply.cut = 2_000_000
          return reply
        }
        return LoopbackServer.Reply(206, ["Content-Range": range], body: Array(Self.weights[start...]))
      }
    }
    guard let message else {
      _ = try hub(fake).source("owner/name")
      return
    }
    let error = try error(fake)
    #expect(error.message.contains(message), "\(error)")
    #expect(!(try tree().keys.contains { $0.hasSuffix(".incomplete") }))
  }

  @Test func offlineAWholeModelIsPulledAndAPartSaysWhatIsMissing() throws {
    let fake = FakeHub(files: Self.files), offline = ["HF_HUB_OFFLINE": "1"]
    let name = try #require(HubName("owner/name"))
    _ = try hub(fake).pull(name)
    let before = fake.requests.count
    #expect(try hub(fake, offline).pull(name).identity == "owner/name@\(FakeHub.commit)")
    let snapshot = "\(scratch.path)/models--owner--name/snapshots/\(FakeHub.commit)"
    #expect(unlink("\(snapshot)/\(Self.large)") == 0 && unlink("\(snapshot)/diffusion_pytorch_model.bin") != 0)
    let error = try #require(throws: DiffusionError.self) { try hub(fake, offline).pull(name) }
    #expect(error.kind == .missingInput && error.message.contains("incomplete in the cache ("), "\(error)")
    #expect(error.message.contains("HF_HUB_OFFLINE is set") && fake.requests.count == before)
  }
}
