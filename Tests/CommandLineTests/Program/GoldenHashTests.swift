import CommandLineKit
import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The committed hash of each model and setting: every machine, device and number of threads gives these bits, and so
/// does every later version unless it says otherwise. `generate --json` prints the same as `images.sha256`.
@Suite(.serialized) struct GoldenHashTests {
  private static let path = "\(Fixtures.folder)/golden-hashes.json"
  private static let isRecording = ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1"

  static let runs: [GoldenRun] =
    [(2, 0), (2, 0.5), (10, 0), (10, 0.5)].map {
      GoldenRun(model: "Sources/DemoModel/ddpm-emoji-32", steps: $0.0, eta: $0.1)
    }
    + ["four-levels", "scale-shift", "scale-shift-attention-norm", "three-layers", "no-attention", "bfloat16"].map {
      GoldenRun(model: "Tests/Fixtures/unet/\($0)", steps: 2, eta: 0.5)
    }

  @Test("Every device gives the committed bits", .disabled(if: isRecording), arguments: runs)
  func committedBits(run: GoldenRun) throws {
    let committed = try #require(try GoldenHashes(contentsOf: Self.path).hashes[run.name])
    for device in Device.available + Device.installed where !run.isLong || device != .cpuReference {
      #expect(try run.hash(device: device, threads: 2) == committed, "\(device)")
    }
  }

  @Test("Every run has a hash and every hash a run", .disabled(if: isRecording))
  func complete() throws {
    #expect(try Set(GoldenHashes(contentsOf: Self.path).hashes.keys) == Set(Self.runs.map(\.name)))
  }

  @Test("The program prints the committed hash", .disabled(if: isRecording))
  func programPrints() throws {
    let report = try Program.generate("--seed", "0", "--steps", "2", "--eta", "0.5")
    let images = try #require(report["images"] as? [String: Any])
    let run = try #require(Self.runs.first { $0.steps == 2 && $0.eta == 0.5 })
    #expect(images["sha256"] as? String == (try GoldenHashes(contentsOf: Self.path).hashes[run.name]))
  }

  @Test("Records the hashes", .enabled(if: isRecording, "RECORD_GOLDEN=1 records the hashes again"))
  func record() throws {
    let hashes = try Self.runs.map { ($0.name, try $0.hash(device: .cpu, threads: 1)) }
    try GoldenHashes(engine: ProgramVersion.current, hashes: Dictionary(uniqueKeysWithValues: hashes))
      .write(to: Self.path)
  }
}
