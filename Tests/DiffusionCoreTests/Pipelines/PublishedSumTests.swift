import DiffusionCore
import Foundation
import TestSupport
import Testing

/// Absolute sums of published images: `np.abs(image).sum()`.
@Suite struct PublishedSumTests {
  private func sum(_ model: String, seed: Seed, steps: Int) throws -> Double {
    let pipeline = try DDIMPipeline.fromPretrained(model, threads: 2)
    var run = try pipeline.run(RunSettings(seeds: [seed], steps: steps, threads: 2))
    var sample = run.initialNoise
    while !run.isFinished { sample = try run.step().prevSample }
    return try images(of: sample).scalars.reduce(0) { $0 + Double(abs($1)) }
  }

  /// From the demo model's card; Diffusers 0.42.1 on torch 2.13.
  @Test(arguments: [(0, 2, 2292.1682), (0, 10, 2234.9754), (0, 50, 2209.1336), (42, 20, 2223.6728)])
  func demoModel(seed: Int, steps: Int, expected: Double) throws {
    let folder = "\(Fixtures.folder)/../../Sources/DemoModel/ddpm-emoji-32"
    let found = try sum(folder, seed: Seed(seed), steps: steps)
    #expect(abs(found - expected) <= 1e-4 * expected)
  }

  /// Whether huggingface_hub's cache contains a model.
  static func isCached(_ repository: String) -> Bool {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["HF_HOME"] ?? "\(environment["XDG_CACHE_HOME"] ?? "\(NSHomeDirectory())/.cache")/huggingface"
    let cache = environment["HF_HUB_CACHE"] ?? "\(home)/hub"
    let folder = "models--" + repository.replacingOccurrences(of: "/", with: "--")
    return FileManager.default.fileExists(atPath: "\(cache)/\(folder)/refs/main")
  }

  /// The example with a seed from Diffusers' page on reproducibility.
  @Test(
    .enabled(
      if: isCached("google/ddpm-cifar10-32"),
      "google/ddpm-cifar10-32 is not in the cache: run `diffusion-tui models pull google/ddpm-cifar10-32`"))
  func cifar10() throws {
    let found = try sum("google/ddpm-cifar10-32", seed: 0, steps: 2)
    #expect(abs(found - 1491.1711) <= 1e-4 * 1491.1711)
  }
}
