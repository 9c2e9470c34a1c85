import FoundationEssentials
import Synchronization
import TestSupport
import Testing

import DiffusionCore

/// Downloads from a Hub on loopback.
@Suite struct HubTests: Sendable {
  static let index =
    #"{"_class_name":"DDPMPipeline","unet":["diffusers","UNet2DModel"],"scheduler":["diffusers","DDPMScheduler"]}"#
  static let weights = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
  static let files: [String: [UInt8]] = [
    "model_index.json": Array(index.utf8), "config.json": Array("{}".utf8),
    "scheduler_config.json": Array("{\"a\": 1}".utf8), "diffusion_pytorch_model.safetensors": weights,
    "diffusion_pytorch_model.bin": [1, 2, 3], "README.md": [4, 5],
  ]
  static let large = "diffusion_pytorch_model.safetensors"

  let scratch: ScratchFolder
  let delays = Delays()

  init() throws { scratch = try ScratchFolder() }

  /// The waits between tries, which take no time.
  final class Delays: Sendable {
    let seconds = Mutex<[Double]>([])
    var clock: HubClock {
      HubClock(now: { 0 }) { delay, check in
        try check()
        self.seconds.withLock { $0.append(delay) }
      }
    }
  }

  func hub(_ fake: FakeHub, _ more: [String: String] = [:]) -> Hub {
    let environment = [
      "HF_ENDPOINT": fake.address, "HF_HUB_CACHE": scratch.path, "HF_TOKEN": "hf_secret", "HOME": "/no/such/home",
      "HF_HUB_DOWNLOAD_TIMEOUT": "1", "HF_HUB_ETAG_TIMEOUT": "1",
    ]
    return Hub(environment: environment.merging(more) { $1 }, clock: delays.clock)
  }

  /// Every file of the cache by its path, with its content, or where it leads.
  func tree() throws -> [String: String] {
    var tree: [String: String] = [:]
    for case let path in try FileManager.default.subpathsOfDirectory(atPath: scratch.path) {
      let full = "\(scratch.path)/\(path)"
      if let target = FileAccess.destination(ofLink: full) {
        tree[path] = "-> \(target)"
      } else if FileAccess.kind(of: full) == .file {
        tree[path] = try ContentHash.sha256(contentsOf: full)
      }
    }
    return tree
  }

  func error(_ fake: FakeHub, _ name: String = "owner/name", _ more: [String: String] = [:]) throws
    -> DiffusionError
  {
    try #require(throws: DiffusionError.self) { try hub(fake, more).source(name) }
  }

  /// Whether nothing of a model is in the cache: no blob, no link, no reference, no part of a file.
  func isEmpty() throws -> Bool {
    try tree().keys.allSatisfy { $0.hasPrefix(".locks/") || $0 == "CACHEDIR.TAG" || $0.contains("/.no_exist/") }
  }

  @Test func whatIsNeededIsDownloadedInTheLayoutOfTheCache() throws {
    let fake = FakeHub(files: Self.files)
    let source = try hub(fake).source("owner/name")
    #expect(source.name == "owner/name")
    #expect(source.identity == "owner/name@\(FakeHub.commit)")
    #expect(
      try ContentHash.sha256(contentsOf: source.files().last?.path ?? "") == FakeHub.digest(Self.weights, isLarge: true)
    )
    let repository = "models--owner--name",
      needed = Set(Self.files.keys).subtracting(["README.md", "diffusion_pytorch_model.bin"])
    let tree = try tree()
    for file in needed {
      let digest = FakeHub.digest(Self.files[file] ?? [], isLarge: file == Self.large)
      #expect(tree["\(repository)/snapshots/\(FakeHub.commit)/\(file)"] == "-> ../../blobs/\(digest)")
      #expect(tree["\(repository)/blobs/\(digest)"] != nil)
      #expect(tree[".locks/\(repository)/\(digest).lock"] != nil)
    }
    #expect(tree.count == 3 * needed.count + 2, "\(tree.keys.sorted())")
    #expect(try FileAccess.read("\(scratch.path)/\(repository)/refs/main") == Array(FakeHub.commit.utf8))
    #expect(tree["CACHEDIR.TAG"] != nil)
  }

  @Test func theTokenGoesToTheHubAlone() throws {
    let fake = FakeHub(files: Self.files)
    _ = try hub(fake).source("owner/name")
    #expect(fake.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
    #expect(!fake.contentRequests.isEmpty)
    #expect(fake.contentRequests.allSatisfy { $0.headers["authorization"] == nil })
  }

  @Test func aTokenIsHeldBackWhereTheUserAsks() throws {
    let fake = FakeHub(files: Self.files)
    _ = try hub(fake, ["HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"]).source("owner/name")
    #expect(fake.requests.allSatisfy { $0.headers["authorization"] == nil })
  }

  @Test func aCachedModelOpensWithoutTheHub() throws {
    let fake = FakeHub(files: Self.files), identity = "owner/name@\(FakeHub.commit)"
    _ = try hub(fake).source("owner/name")
    let before = fake.requests.count
    #expect(try hub(fake).source("owner/name").identity == identity)
    #expect(try hub(fake).source("owner/name@\(FakeHub.commit)").identity == identity)
    #expect(try hub(fake, ["HF_HUB_OFFLINE": "1"]).source("owner/name").name == "owner/name")
    #expect(try hub(fake, ["HF_ENDPOINT": "http://127.0.0.1:1"]).source("owner/name").identity == identity)
    #expect(fake.requests.count == before)
  }

  @Test func aCachedModelWithoutAnIndexOpensWithoutTheHub() throws {
    let fake = try FakeHub(model: "\(Fixtures.folder)/unet/two-levels/unet")
    _ = try hub(fake).source("owner/name")
    let requests = fake.requests.count
    #expect(try !hub(fake, ["HF_HUB_OFFLINE": "1"]).source("owner/name").files().isEmpty)
    #expect(fake.requests.count == requests)
  }

  @Test func aBranchThatMovedIsDownloadedAndTheOldCommitKept() throws {
    let fake = FakeHub(files: Self.files), next = String(repeating: "f", count: 40)
    _ = try hub(fake).source("owner/name")
    fake.change {
      $0.commit = next
      $0.files["config.json"] = Array(#"{"sample_size": 8}"#.utf8)
    }
    let name = try #require(HubName("owner/name"))
    #expect(try hub(fake).source("owner/name").identity == "owner/name@\(FakeHub.commit)")
    let source = try hub(fake).pull(name)
    #expect(source.identity == "owner/name@\(next)")
    #expect(try source.config(of: "unet").read() == Array(#"{"sample_size": 8}"#.utf8))
    #expect(fake.contentRequests.count == 1, "the weights are the same blob")
    #expect(try hub(fake).source("owner/name@\(FakeHub.commit)").config(of: "unet").read() == Array("{}".utf8))
  }

  @Test func resumingContinuesWhereItStopped() throws {
    let fake = FakeHub(files: Self.files) {
      $0.insteadOfContent = { _, _, reply in
        var reply = reply
        reply.cut = 1_100_000
        return reply
      }
    }
    let source = try hub(fake).source("owner/name")
    #expect(fake.contentRequests.map { $0.headers["range"] } == [nil, "bytes=1100000-", "bytes=2200000-"])
    #expect(try source.files().last?.sha256() == FakeHub.digest(Self.weights, isLarge: true))
    #expect(delays.seconds.withLock { $0 } == [1, 1])
  }

  @Test func anAnswerThatIgnoresTheRangeStartsAnew() throws {
    let fake = FakeHub(files: Self.files) {
      $0.insteadOfContent = { _, before, reply in
        var reply = LoopbackServer.Reply(body: Self.weights)
        if before == 0 { reply.cut = 1_000_000 }
        return reply
      }
    }
    let source = try hub(fake).source("owner/name")
    #expect(try source.files().last?.sha256() == FakeHub.digest(Self.weights, isLarge: true))
  }

  @Test func aBusyHubIsAskedAgainAsLateAsItWishes() throws {
    let fake = FakeHub(files: Self.files) {
      $0.instead = { request, before in
        guard request.path.contains("/revision/"), before < 2 else { return nil }
        return LoopbackServer.Reply(before == 0 ? 503 : 429, before == 0 ? ["Retry-After": "7"] : [:])
      }
    }
    _ = try hub(fake).source("owner/name")
    #expect(delays.seconds.withLock { $0 } == [7, 2])
  }

  @Test(
    arguments: [
      (["Retry-After": "Wed, 21 Oct 2026 07:28:09 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"], 9),
      (["Retry-After": "Wed, 21 Oct 2026 07:28:09 GMT", "Date": "Wed, 21 Oct 2026 08:28:00 GMT"], 0),
      (["Retry-After": "Wed, 21 Oct 2026 07:28:09 GMT"], nil), (["Retry-After": "soon"], nil),
      (["Retry-After": "99 99 99 99 99 99 99 99"], nil), (["Retry-After": "-5"], 0), ([:], nil),
      (["Retry-After": "\(Int.max)"], 0x1p40), (["RateLimit": "r=0;t=\(Int.max)"], 0x1p40 + 1),
      (["RateLimit": "\"api\";r=0;t=4"], 5), (["RateLimit": "\"api\";r=0;t=4", "Retry-After": "2"], 5),
      (["RateLimit": "\"api\";r=1;t=4", "Retry-After": "2"], 2),
    ] as [([String: String], Double?)])
  func theWaitIsWhatTheAnswerAsksFor(_ headers: [String: String], _ seconds: Double?) {
    let lower = Dictionary(uniqueKeysWithValues: headers.map { ($0.lowercased(), $1) })
    #expect(HubResponse(status: 429, headers: lower).retryDelay == seconds)
  }

  @Test func whatAKilledProgramLeftIsRemoved() throws {
    let fake = FakeHub(files: Self.files), blobs = "\(scratch.path)/models--owner--name/blobs"
    let digest = FakeHub.digest(Self.weights, isLarge: true)
    try FileManager.default.createDirectory(atPath: blobs, withIntermediateDirectories: true)
    for part in [".0123abcd", ""] {
      try Data([1]).write(to: URL(fileURLWithPath: "\(blobs)/\(digest)\(part).incomplete"))
    }
    _ = try hub(fake).source("owner/name")
    // huggingface_hub resumes its own.
    #expect(FileAccess.names(in: blobs).filter { $0.hasSuffix(".incomplete") } == ["\(digest).incomplete"])
  }

  @Test(arguments: ["../../../evil", "/etc/evil", "..", "a/b"])
  func anIndexCannotLeaveTheModel(_ shard: String) throws {
    var files = Self.files
    files[Self.large] = nil
    files[shard] = [1]
    files["diffusion_pytorch_model.safetensors.index.json"] = Array(#"{"weight_map": {"w": "\#(shard)"}}"#.utf8)
    let fake = FakeHub(files: files)
    let error = try error(fake)
    #expect(
      error.kind == .badData && error.message.contains("\"\(shard)\" is not the name of a "),
      "\(error)")
    #expect(!(try tree().keys.contains { $0.contains("evil") }))
  }

  @Test func shardsAndTheVariantAreFound() throws {
    var files = Self.files
    files[Self.large] = nil
    files["diffusion_pytorch_model.safetensors.index.json"] = Array(#"{"weight_map": {"w": "s-1.safetensors"}}"#.utf8)
    files["s-1.safetensors"] = [7]
    files["diffusion_pytorch_model.fp16.safetensors"] = [8]
    let fake = FakeHub(files: files), name = try #require(HubName("owner/name"))
    _ = try hub(fake).pull(name)
    #expect(try tree().keys.contains { $0.hasSuffix("/s-1.safetensors") })
    #expect(!(try tree().keys.contains { $0.hasSuffix(".fp16.safetensors") }))
    let half = try hub(fake).source("owner/name", variant: "fp16")
    #expect(try half.files().last?.path.hasSuffix("/diffusion_pytorch_model.fp16.safetensors") == true)
    #expect(try hub(fake).source("owner/name").files().last?.path.hasSuffix("/s-1.safetensors") == true)
    let error = #expect(throws: DiffusionError.self) { try hub(fake).pull(name, variant: "bf16") }
    #expect(error?.message == "owner/name: has no weights of the variant 'bf16'; leave out --variant")
    let folder = "\(Fixtures.folder)/unet/one-level"
    let other = #expect(throws: DiffusionError.self) { try hub(fake).source(folder, variant: "fp16") }
    #expect(other?.message == "\(folder): has no weights of the variant 'fp16'; leave out --variant")
  }

  @Test(
    arguments: [
      ("unet/diffusion_pytorch_model.fp16.safetensors", "fp16"), ("model.fp16-00001-of-00002.safetensors", "fp16"),
      ("model.safetensors.index.fp16.json", "fp16"), ("pytorch_model.fp16.bin", "fp16"), ("model.safetensors", nil),
      ("model-00001-of-00002.safetensors", nil), ("model.safetensors.index.json", nil), ("config.json", nil),
    ] as [(String, String?)])
  func theVariantIsReadFromTheName(_ path: String, _ variant: String?) {
    #expect(WeightFiles.variant(of: path) == variant)
  }

  @Test func aListOfHuggingfaceHubIsReadAndNotWritten() throws {
    let fake = FakeHub(files: Self.files), trees = "\(scratch.path)/models--owner--name/trees"
    try FileManager.default.createDirectory(atPath: trees, withIntermediateDirectories: true)
    let entries = Self.files.map { #""\#($0.key)": {"size": \#($0.value.count), "blob_id": "0"}"# }
    let list = #"{"format_version": 1, "files": {\#(entries.joined(separator: ", "))}}"#
    try Data(list.utf8).write(to: URL(fileURLWithPath: "\(trees)/\(FakeHub.commit).json"))
    _ = try hub(fake).source("owner/name")
    #expect(!fake.requests.contains { $0.path.contains("/tree/") })
    #expect(FileAccess.names(in: trees) == ["\(FakeHub.commit).json"])
  }

  @Test(arguments: ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
  func requestsGoThroughTheProxyOfTheEnvironment(_ variable: String) throws {
    let fake = FakeHub(files: Self.files), proxy = LoopbackServer { _ in .init(502) }
    let settings = [variable: proxy.address, "HF_ENDPOINT": "http://hub.invalid"]
    #expect(try error(fake, "owner/name", settings).message.contains("fails (502)"))
    #expect(proxy.requests.first?.path == "http://hub.invalid/api/models/owner/name/revision/main")
    _ = try hub(fake, [variable: proxy.address, "NO_PROXY": "127.0.0.1"]).source("owner/name")
  }

  @Test func aHubThatNeverAnswersIsAStall() throws {
    let fake = FakeHub(files: Self.files) {
      $0.instead = { _, _ in
        var reply = LoopbackServer.Reply()
        reply.isSilent = true
        return reply
      }
    }
    let error = try error(fake)
    #expect(error.message.contains("stopped answering") && error.kind == .inputOutput, "\(error)")
    #expect(delays.seconds.withLock { $0 } == [1, 2, 4, 8])
  }

  @Test func aPipelineThatIsNotSupportedIsRefusedBeforeItsWeights() throws {
    var files = Self.files
    files["model_index.json"] = Array(Self.index.replacing("DDPMPipeline", with: "FluxPipeline").utf8)
    let fake = FakeHub(files: files)
    #expect(try error(fake).message.contains("the pipeline is FluxPipeline; supported: "))
    #expect(fake.contentRequests.isEmpty)
  }

  @Test func aRepositoryWithoutAnIndexIsSaidToBeNone() throws {
    let fake = FakeHub(files: ["README.md": [1]])
    #expect(try error(fake).message.contains("has no model_index.json"))
    #expect(try tree().keys.sorted() == ["models--owner--name/.no_exist/\(FakeHub.commit)/model_index.json"])
  }
}
