import FoundationEssentials
import Glibc
import TestSupport
import Testing

import DiffusionCore

/// What the cache lists, and what is removed from it.
@Suite struct HubModelsTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private var cache: HubCache { HubCache(environment: ["HF_HUB_CACHE": scratch.path]) }

  /// Pulls the fixture of one level under a name of the cache, with changed files.
  @discardableResult
  private func pull(_ change: (inout [String: [UInt8]]) -> Void = { _ in }, commit: String? = nil) throws -> ModelSource
  {
    let fake = try FakeHub(model: "\(Fixtures.folder)/unet/one-level") {
      change(&$0.files)
      if let commit { $0.commit = commit }
    }
    let environment = ["HF_ENDPOINT": fake.address, "HF_HUB_CACHE": scratch.path, "HOME": "/no/such/home"]
    return try Hub(environment: environment).pull(try #require(HubName("owner/name")))
  }

  @Test func aModelThatOpensIsSummarised() throws {
    try pull()
    let model = try #require(cache.models().first)
    #expect(cache.models().count == 1)
    #expect(model.name == "owner/name" && model.commit == FakeHub.commit && model.refusal == nil)
    #expect(model.pipeline == "DDIMPipeline" && model.scheduler == "DDIMScheduler")
    #expect(model.height != nil && model.height == model.width)
    let files = try ModelSource(resolving: "\(Fixtures.folder)/unet/one-level", environment: [:]).files()
    #expect(try model.bytes == files.map { try $0.read().count }.reduce(0, +))
  }

  @Test func aModelThatDoesNotOpenSaysWhy() throws {
    try pull()
    let snapshot = "\(scratch.path)/models--owner--name/snapshots/\(FakeHub.commit)"
    let config = "\(snapshot)/unet/config.json"
    try Data(#"{"down_block_types": ["NoBlock"]}"#.utf8).write(to: URL(fileURLWithPath: config + ".new"))
    #expect(rename(config + ".new", config) == 0)
    #expect(cache.models().first?.refusal?.contains("unet/config.json") == true)
    #expect(unlink("\(snapshot)/model_index.json") == 0)
    let model = try #require(cache.models().first)
    #expect(model.refusal?.contains("model_index.json: missing") == true && model.pipeline == nil)
  }

  @Test func aRevisionIsListedAndRemovedWithoutTheOther() throws {
    let next = String(repeating: "f", count: 40)
    try pull()
    try pull({ $0["unet/config.json"]? += Array(" ".utf8) }, commit: next)
    let names = cache.models().map(\.name)
    #expect(names == ["owner/name@\(FakeHub.commit)", "owner/name"] && cache.names() == names)
    let blobs = FileAccess.names(in: "\(scratch.path)/models--owner--name/blobs")
    let old = try #require(HubName("owner/name@\(FakeHub.commit)")), name = try #require(HubName("owner/name"))
    #expect(try cache.remove(old) > 0)
    #expect(FileAccess.names(in: "\(scratch.path)/models--owner--name/blobs").count == blobs.count - 1)
    #expect(cache.models().map(\.name) == ["owner/name"] && cache.models().first?.refusal == nil)
    #expect(throws: DiffusionError.self) { try cache.remove(old) }
    #expect(try cache.remove(name) > 0)
    #expect(FileAccess.kind(of: "\(scratch.path)/models--owner--name") == nil)
    #expect(FileAccess.kind(of: "\(scratch.path)/.locks/models--owner--name") == nil)
    let error = #expect(throws: DiffusionError.self) { try cache.remove(name) }
    #expect(error?.kind == .missingInput && error?.message.contains("not in the cache") == true)
  }

  @Test func removingFollowsNoLink() throws {
    try pull()
    let outside = "\(scratch.path)/kept.txt", blobs = "\(scratch.path)/models--owner--name/blobs"
    try Data([1]).write(to: URL(fileURLWithPath: outside))
    #expect(symlink(outside, "\(blobs)/shared") == 0 && symlink(scratch.path, "\(blobs)/folder") == 0)
    _ = try cache.remove(try #require(HubName("owner/name")))
    #expect(FileAccess.kind(of: outside) == .file)
  }

  @Test func oddFoldersAreNoModels() throws {
    for folder in ["models--x", "models--a--b--c", "datasets--a--b", "models--", "models----", "spaces--a--b"] {
      try FileManager.default.createDirectory(
        atPath: "\(scratch.path)/\(folder)/snapshots/1", withIntermediateDirectories: true)
    }
    #expect(cache.models() == [])
    #expect(HubCache(environment: ["HF_HUB_CACHE": "/no/such/cache"]).models() == [])
  }

  /// Moves the content of a model's weights where huggingface_hub 2.4 keeps what several repositories share.
  private func share(_ hash: String) throws -> (store: String, blob: String) {
    let blobs = "\(scratch.path)/models--owner--name/blobs", store = "\(scratch.path)/blobs/\(hash.prefix(2))"
    let blob = try #require(FileAccess.names(in: blobs).first { $0.utf8.count == 64 })
    try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
    try Data("1\n".utf8).write(to: URL(fileURLWithPath: "\(scratch.path)/blobs/.huggingface-shared-blobs"))
    #expect(rename("\(blobs)/\(blob)", "\(store)/\(hash)") == 0)
    let other = "\(scratch.path)/models--owner--other/blobs"
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    for folder in [blobs, other] {
      #expect(symlink("../../blobs/\(hash.prefix(2))/\(hash)", "\(folder)/\(blob)") == 0)
    }
    let lines = ["name", "other", "gone"].map { "models--owner--\($0)/blobs/\(blob)\n" }.joined()
    try Data(lines.utf8).write(to: URL(fileURLWithPath: "\(store)/\(hash).refs"))
    return ("\(store)/\(hash)", blob)
  }

  @Test func sharedContentGoesWithTheLastModelThatUsesIt() throws {
    try pull()
    let hash = String(repeating: "ab", count: 32), (store, blob) = try share(hash)
    let size = try #require(FileAccess.size(of: store))
    #expect(try cache.remove(try #require(HubName("owner/name"))) < size)
    #expect(FileAccess.size(of: store) == size)
    #expect(try String(contentsOfFile: "\(store).refs", encoding: .utf8) == "models--owner--other/blobs/\(blob)\n")
    #expect(try cache.remove(try #require(HubName("owner/other"))) == size)
    #expect(FileAccess.names(in: FileAccess.parent(of: store)) == [])
  }

  @Test func sharedContentStaysWhereItsManifestDoesNotTell() throws {
    try pull()
    let hash = String(repeating: "cd", count: 32), (store, _) = try share(hash)
    #expect(unlink("\(store).refs") == 0)
    for name in ["owner/name", "owner/other"] { _ = try cache.remove(try #require(HubName(name))) }
    #expect(FileAccess.kind(of: store) == .file)
  }

  @Test func modelsThatCanOpenAreOfferedFirst() throws {
    try pull()
    let other = "\(scratch.path)/models--a--b/snapshots/\(FakeHub.commit)"
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    #expect(cache.names() == ["a/b@\(FakeHub.commit)", "owner/name"])
    #expect(cache.namesToOffer() == ["owner/name", "a/b@\(FakeHub.commit)"])
  }
}
