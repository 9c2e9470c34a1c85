import Synchronization
import TestSupport
import Testing

import DiffusionCore

/// Servers that refuse, misbehave or are not there.
extension HubTests {
  @Test(arguments: [
    (401, ["X-Error-Code": "GatedRepo"], DiffusionError.Kind.missingInput, "is gated: accept its terms at "),
    (403, ["X-Error-Code": "GatedRepo"], .missingInput, "log in with `hf auth login` or set HF_TOKEN"),
    (401, [:], .missingInput, "has no such model; check its name, or log in"),
    (404, ["X-Error-Code": "RepoNotFound"], .missingInput, "has no such model"),
    (404, ["X-Error-Code": "RevisionNotFound"], .missingInput, "has no revision 'main'"),
    (403, ["X-Error-Message": "no rights"], .missingInput, "refuses access: no rights"),
    (429, ["Retry-After": "9000"], .inputOutput, "asks to wait 9000 seconds"),
    (500, [:], .inputOutput, "fails (500)"),
    (418, [:], .inputOutput, "answers with status 418"),
    (302, ["Location": "/api/models/owner/name/revision/main"], .inputOutput, "redirects more than 20 times"),
    (200, [:], .inputOutput, "names no commit"),
  ])
  func aRefusalIsOneClearLine(
    _ status: Int, _ headers: [String: String], _ kind: DiffusionError.Kind, _ message: String
  ) throws {
    let fake = FakeHub(files: Self.files) {
      $0.instead = { _, _ in LoopbackServer.Reply(status, headers, body: Array("{}".utf8)) }
    }
    let error = try error(fake)
    #expect(error.message.contains(message) && error.kind == kind, "\(error)")
    #expect(!error.message.contains("\n") && !error.message.contains("hf_secret"))
    #expect(try isEmpty())
  }

  @Test func aPageInPlaceOfAnAnswerIsSaidToBeNoHub() throws {
    let fake = FakeHub(files: Self.files) {
      $0.instead = { _, _ in LoopbackServer.Reply(body: Array("<html>Please log in</html>".utf8)) }
    }
    #expect(try error(fake).message.hasSuffix("names no commit; is HF_ENDPOINT a Hub, or does a proxy answer?"))
  }

  /// How the server of the weights misbehaves.
  enum Fault: String, CaseIterable {
    case flipped, short, long, saysLess, saysMore, gone, garbage, circles, stalls
  }

  @Test(arguments: Fault.allCases) func aBadFileNeverTakesItsName(_ fault: Fault) async throws {
    let fake = FakeHub(files: Self.files) {
      $0.insteadOfContent = { request, _, reply in
        var reply = reply
        switch fault {
        case .flipped: reply.body[reply.body.count / 2] ^= 1
        case .short: reply.body.removeLast(1000)
        case .long: reply.body += [1]
        case .saysLess: reply.announced = 10
        case .saysMore: reply.announced = 4_000_000
        case .gone: reply = LoopbackServer.Reply(404)
        case .garbage: reply.isGarbage = true
        case .circles: reply = LoopbackServer.Reply(302, ["Location": request.path])
        case .stalls: reply.stall = 1000
        }
        return reply
      }
    }
    let error: DiffusionError = try await onOwnThread { try self.error(fake) }, message = error.message
    let expected =
      switch fault {
      case .flipped: "was changed on its way"
      case .short, .long, .saysLess, .saysMore: "has 3000000 bytes, but"
      case .gone: "answers with status 404 for diffusion_pytorch_model.safetensors"
      case .garbage: "cannot be read"
      case .circles: "redirects more than 20 times"
      case .stalls: "stopped answering"
      }
    #expect(message.contains(expected) && !message.contains("signature"), "\(error)")
    let tree = try tree()
    #expect(!tree.keys.contains { $0.hasSuffix(".incomplete") || $0.contains("/refs/") }, "\(tree)")
    #expect(!tree.keys.contains { $0.hasSuffix(Self.large) }, "\(tree)")
  }

  @Test func aDownloadThatIsStoppedLeavesNoPart() throws {
    let fake = FakeHub(files: Self.files), bytes = Mutex(0)
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try hub(fake).source("owner/name") { progress in
        bytes.withLock { $0 = progress.bytes }
        if progress.bytes > 500_000 { throw Stop() }
      }
    }
    #expect(bytes.withLock { (500_001..<3_000_000).contains($0) })
    #expect(!(try tree().keys.contains { $0.hasSuffix(".incomplete") || $0.contains("/refs/") }))
  }

  @Test func withoutANetworkTheLineSaysSo() throws {
    let fake = FakeHub(files: [:])
    let refused = try error(fake, "owner/name", ["HF_ENDPOINT": "http://127.0.0.1:1"])
    #expect(refused.kind == .missingInput && refused.message.contains("127.0.0.1:1 cannot be reached"), "\(refused)")
    let offline = try error(fake, "owner/name", ["HF_HUB_OFFLINE": "yes"])
    #expect(offline.kind == .missingInput && offline.message.contains("HF_HUB_OFFLINE is set"), "\(offline)")
  }

  @Test func anAddressThatEndsIsAskedForAgain() throws {
    let fake = FakeHub(files: Self.files)
    let content = fake.contentAddress
    fake.change {
      // The first address serves 2 MB, once; a request for the file gets another one.
      $0.insteadOfContent = { request, before, reply in
        guard request.path.hasSuffix("signature=1") else { return reply }
        guard before == 0 else { return LoopbackServer.Reply(403) }
        var reply = reply
        reply.cut = 2_000_000
        return reply
      }
      $0.instead = { request, _ in
        guard request.method == "GET", request.path.hasSuffix("/\(HubTests.large)") else { return nil }
        return LoopbackServer.Reply(302, ["Location": "\(content)/\(HubTests.large)?signature=2"])
      }
    }
    _ = try hub(fake).source("owner/name")
    #expect(try tree().contains { $0.key.hasSuffix(Self.large) })
    #expect(fake.contentRequests.map { $0.headers["range"] } == [nil, "bytes=2000000-"])
  }

  @Test func aModelWithoutWeightsIsNotRemembered() throws {
    let fake = FakeHub(files: Self.files.filter { !$0.key.hasPrefix("diffusion_pytorch_model") })
    let error = try error(fake)
    #expect(error.kind == .missingInput && error.message.contains("the model has no weights"), "\(error)")
    #expect(!(try tree().keys.contains { $0.contains("/refs/") }))
  }

  @Test(arguments: ["https://elsewhere.example/api/models/owner/name/tree/x?cursor=1", "ftp://elsewhere"])
  func aListThatGoesOnElsewhereIsRefused(_ next: String) throws {
    let fake = FakeHub(files: Self.files) {
      $0.instead = { request, _ in
        guard request.path.contains("/tree/") else { return nil }
        return LoopbackServer.Reply(200, ["Link": "<\(next)>; rel=\"next\""], body: Array("[]".utf8))
      }
    }
    let error = try error(fake)
    #expect(error.kind == .inputOutput && error.message.contains("continues a list of files at \(next)"), "\(error)")
  }

  @Test func sizesThatNoFileHasAreNotAddedUp() throws {
    let fake = FakeHub(files: Self.files) {
      $0.instead = { request, _ in
        guard request.path.contains("/tree/") else { return nil }
        let entries = Self.files.keys.sorted().map { #"{"type": "file", "path": "\#($0)", "size": \#(Int.max)}"# }
        return LoopbackServer.Reply(body: Array("[\(entries.joined(separator: ","))]".utf8))
      }
    }
    #expect(try !error(fake).message.isEmpty)
    #expect(try isEmpty())
  }
}
