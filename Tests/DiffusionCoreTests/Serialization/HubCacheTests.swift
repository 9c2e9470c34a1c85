import DiffusionCore
import Testing

/// `owner/name` in a cache with the layout of huggingface_hub.
@Suite struct HubCacheTests {
  private let scratch: ScratchFolder
  private static let index =
    #"{"_class_name":"DDPMPipeline","unet":["diffusers","UNet2DModel"],"scheduler":["diffusers","DDPMScheduler"]}"#

  init() throws { scratch = try ScratchFolder() }

  /// Adds owner/name to a cache in `folder` of the scratch folder.
  private func fill(_ folder: String) throws {
    let repository = "\(folder)/models--owner--name"
    try scratch.write("0123abcd", "\(repository)/refs/main")
    try scratch.write(Self.index, "\(repository)/snapshots/0123abcd/model_index.json")
    try scratch.write("{}", "\(repository)/snapshots/0123abcd/config.json")
    try scratch.write("old", "\(repository)/snapshots/ffff/config.json")
  }

  /// `@` stands for the scratch folder.
  private func expand(_ text: String) -> String { text.replacing("@", with: scratch.path) }

  @Test(arguments: [
    ("a", ["HF_HUB_CACHE": "@/a", "HF_HOME": "@/b", "HOME": "@"]),
    ("a", ["HUGGINGFACE_HUB_CACHE": "@/a/", "HF_HOME": "@/b", "HOME": "@"]),
    ("b/hub", ["HF_HOME": "@/b", "XDG_CACHE_HOME": "@/c", "HOME": "@"]),
    ("b/hub", ["HF_HOME": "~/b", "HOME": "@"]),
    ("c/huggingface/hub", ["XDG_CACHE_HOME": "@/c", "HOME": "@"]),
    (".cache/huggingface/hub", ["HOME": "@"]),
  ])
  func theCacheIsWhereTheEnvironmentSays(_ folder: String, _ environment: [String: String]) throws {
    try fill(folder)
    let source = try ModelSource(resolving: "owner/name", environment: environment.mapValues(expand))
    #expect(source.name == "owner/name")
    #expect(try source.modelIndex().components["scheduler"] == "DDPMScheduler")
    #expect(
      try source.config(of: "unet").path
        == "\(scratch.path)/\(folder)/models--owner--name/snapshots/0123abcd/config.json")
  }

  @Test func anErrorSaysHowToDownloadAMissingModel() throws {
    let error = DiffusionError(
      .missingInput,
      expand(
        "google/ddpm-cifar10-32: neither a folder nor in the Hugging Face cache (looked for "
          + "@/.cache/huggingface/hub/models--google--ddpm-cifar10-32); "
          + "fetch it with `hf download google/ddpm-cifar10-32`, or set HF_HOME to where it is"))
    #expect(throws: error) {
      try ModelSource(resolving: "google/ddpm-cifar10-32", environment: ["HOME": scratch.path])
    }
  }

  @Test(arguments: [
    ("refs/other", "0123abcd", "@/refs/main: missing, so owner/name is incomplete in the cache; "),
    ("refs/main", "4567", "@/snapshots/4567: missing, so owner/name is incomplete in the cache; "),
    ("refs/main", "../..", "@/refs/main: does not hold the name of a snapshot; "),
    ("refs/main", "\n", "@/refs/main: does not hold the name of a snapshot; "),
  ])
  func anIncompleteCacheIsNamed(_ reference: String, _ content: String, _ message: String) throws {
    try scratch.write(content, "models--owner--name/\(reference)")
    let error = try #require(throws: DiffusionError.self) {
      try ModelSource(resolving: "owner/name", environment: ["HF_HUB_CACHE": scratch.path])
    }
    #expect(
      error.message == message.replacing("@", with: "\(scratch.path)/models--owner--name")
        + "fetch it with `hf download owner/name`, or set HF_HOME to where it is")
  }

  @Test(arguments: ["nothing", "a/b/c", "/no/such", "./x", "owner/", "", "owner/..", "-a/b", "a--b/c", "a b/c", "~"])
  func aNameThatCannotBeAnIDIsNotAFolder(_ name: String) throws {
    let error = DiffusionError(
      .missingInput,
      "\(name): no such folder; a model is a folder that holds model_index.json, or a Hub id such as owner/name")
    #expect(throws: error) { try ModelSource(resolving: name, environment: ["HOME": "/no/such/home"]) }
  }

  @Test func aFileIsNotAModel() throws {
    let path = try scratch.write("{}", "model_index.json")
    let error = DiffusionError(
      .badData, "\(path): a file; a model is the folder that holds model_index.json, or a Hub id such as owner/name")
    #expect(throws: error) { try ModelSource(resolving: path, environment: [:]) }
  }
}
