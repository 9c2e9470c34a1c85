import DiffusionCore
import Foundation
import TestSupport
import Testing

/// Models of the Hub in the built program, from a Hub on loopback.
@Suite struct ModelsProgramTests {
  private let folder: TemporaryFolder
  private let fake: FakeHub

  init() throws {
    folder = try TemporaryFolder()
    fake = try FakeHub(model: "\(Fixtures.folder)/unet/one-level")
  }

  private var environment: [String: String] {
    [
      "HF_ENDPOINT": fake.address, "HF_HUB_CACHE": "\(folder.path)/hub", "HF_HUB_OFFLINE": "",
      "HOME": "/no/such/home", "HF_HUB_DOWNLOAD_TIMEOUT": "2",
    ]
  }

  private func run(_ arguments: String, _ more: [String: String] = [:]) throws -> Program.Result {
    try Program.run(arguments.split(separator: " ").map(String.init), environment: environment.merging(more) { $1 })
  }

  private func listed() throws -> [[String: Any]] {
    let report = try Program.report(["models", "--json"], environment: environment)
    #expect(report["cache"] as? String == "\(folder.path)/hub")
    return report["models"] as? [[String: Any]] ?? []
  }

  @Test func aModelIsPulledListedRunAndRemoved() throws {
    let pulled = try run("models pull owner/name")
    #expect(pulled.status == 0 && pulled.output == "owner/name@\(FakeHub.commit)\n")
    #expect(pulled.error.hasPrefix("owner/name: ") && pulled.error.hasSuffix(" MB\n"), "\(pulled.error)")
    let model = try #require(try listed().last)
    #expect(model["name"] as? String == "owner/name" && model["opens"] as? Bool == true)
    #expect(model["built_in"] as? Bool == false && model["pipeline"] as? String == "DDIMPipeline")
    let table = try run("models").output
    #expect(table.contains("ddpm-emoji-32") && table.contains("sd-emoji-64") && table.contains("owner/name"))
    let run = try run("generate owner/name --seed 0 --steps 1 --json", ["HF_HUB_OFFLINE": "1"])
    #expect(run.status == 0 && run.error == "", "\(run.error)")
    let removed = try self.run("models rm owner/name")
    #expect(removed.status == 0 && removed.output == "removed owner/name, 0 MB\n", "\(removed)")
    #expect(try listed().compactMap { $0["name"] as? String } == ["ddpm-emoji-32", "sd-emoji-64"])
    #expect(try self.run("models rm owner/name").status == 66)
  }

  @Test func aModelIsPulledByTheCommandThatRunsIt() throws {
    let run = try run("generate owner/name@main --seed 0 --steps 1 --output \(folder.path)/image.png")
    #expect(run.status == 0, "\(run.error)")
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/image.png"))
    let before = fake.requests.count
    #expect(try self.run("inspect owner/name").status == 0)
    #expect(fake.requests.count == before)
  }

  @Test func aVariantIsRunVerifiedAndPartOfTheCommandLine() throws {
    fake.change {
      let weights = "unet/diffusion_pytorch_model.safetensors", half = "unet/diffusion_pytorch_model.fp16.safetensors"
      $0.files[half] = $0.files[weights]
      $0.large.insert(half)
    }
    let receipt = "\(folder.path)/run.json"
    let run = try run("generate owner/name --variant fp16 --seed 0 --steps 1 --receipt \(receipt)")
    #expect(run.status == 0, "\(run.error)")
    #expect(try String(contentsOfFile: receipt, encoding: .utf8).contains("diffusion_pytorch_model.fp16.safetensors"))
    #expect(try self.run("models pull owner/name").status == 0)
    let verified = try self.run("verify \(receipt)")
    #expect(verified.status == 0 && verified.output.hasPrefix("equal: 1 steps"), "\(verified)")
    #expect(try self.run("models pull owner/name --variant f/../p").status == 64)
  }

  @Test(arguments: [
    ("models pull ddpm-emoji-32", 64, "is part of the program"), ("models rm sd-emoji-64", 64, "part of the program"),
    ("models pull name", 64, "expected owner/name"), ("models pull owner/name@other", 66, "has no revision 'other'"),
    ("models pull owner/other", 66, "has no such model"), ("models rm owner/other", 66, "not in the cache"),
    ("generate owner/other --seed 0", 66, "has no such model"),
  ])
  func aWrongNameIsOneLine(_ arguments: String, _ status: Int32, _ message: String) throws {
    let result = try run(arguments)
    #expect(result.status == status && result.output == "" && result.error.contains(message), "\(result)")
    #expect(result.error.filter(\.isNewline).count == 1)
  }

  @Test func offlineNothingIsAsked() throws {
    let result = try run("generate owner/name --seed 0", ["HF_HUB_OFFLINE": "1"])
    #expect(result.status == 66 && result.error.contains("HF_HUB_OFFLINE is set"), "\(result)")
    #expect(fake.requests.isEmpty)
  }

  @Test(arguments: ["models pull owner/name", "generate owner/name --seed 0", "snapshot owner/name --output s.txt"])
  func aSignalLeavesNothing(_ arguments: String) throws {
    fake.change {
      $0.insteadOfContent = { _, _, reply in
        var reply = reply
        reply.stall = 100
        return reply
      }
    }
    let words = arguments.split(separator: " ").map(String.init)
    let result = try Program.run(
      words, environment: environment.merging(["HF_HUB_DOWNLOAD_TIMEOUT": "60"]) { $1 },
      whileRunning: { process in
        while fake.contentRequests.isEmpty { usleep(10_000) }
        usleep(100_000)
        kill(process.processIdentifier, SIGINT)
      })
    #expect(result.wasSignalled && result.status == SIGINT, "\(result)")
    let left = try FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/hub")
    #expect(!left.contains { $0.hasSuffix(".incomplete") || $0.contains("/refs/") }, "\(left)")
  }
}
