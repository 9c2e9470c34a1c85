import DiffusionCore
import TestSupport
import Testing

@Suite struct MemoryBudgetTests {
  private static let pages = "1000 500 100 10 0 800 0\n"
  private static let machine = "MemTotal:  9000000 kB\nMemAvailable:  2000000 kB\nSwapFree:  500000 kB\n"

  private func budget(
    addressSpace: Int? = nil, data: Int? = nil, _ files: [String: String] = [:]
  ) -> MemoryBudget {
    let usual = ["/proc/self/statm": Self.pages, "/proc/meminfo": Self.machine].merging(files) { $1 }
    return MemoryBudget(addressSpace: addressSpace, data: data) { usual[$0] }
  }

  @Test func isWhatTheStrictestLimitLeaves() {
    #expect(budget() == MemoryBudget(bytes: 2_500_000 * 1024, limit: "free memory"))
    #expect(budget(addressSpace: 5_096_000).limit == "ulimit -v")
    #expect(budget(addressSpace: 5_096_000).bytes % 4096 == 5_096_000 % 4096)
    #expect(budget(addressSpace: 1000) == MemoryBudget(bytes: 0, limit: "ulimit -v"))
    #expect(budget(data: 1000) == MemoryBudget(bytes: 0, limit: "ulimit -d"))
    #expect(MemoryBudget(addressSpace: nil, data: nil) { _ in nil } == MemoryBudget(bytes: .max, limit: "none"))
  }

  @Test func knowsTheLimitsOfContainers() {
    let second = [
      "/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/memory.max": "1000000\n",
      "/sys/fs/cgroup/a/memory.current": "900000\n", "/sys/fs/cgroup/a/memory.stat": "anon 5\ninactive_file 50000\n",
      "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/b/memory.current": "900000\n",
    ]
    #expect(budget(second) == MemoryBudget(bytes: 150_000, limit: "the container's limit"))
    let colons = [
      "/proc/self/cgroup": "0::/a:b:c\n", "/sys/fs/cgroup/a:b:c/memory.max": "500000\n",
      "/sys/fs/cgroup/a:b:c/memory.current": "400000\n",
    ]
    #expect(budget(colons) == MemoryBudget(bytes: 100_000, limit: "the container's limit"))
    let first = [
      "/proc/self/cgroup": "5:cpu,memory:/x\n0::/\n", "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "700000\n",
      "/sys/fs/cgroup/memory/x/memory.usage_in_bytes": "600000\n",
    ]
    #expect(budget(first) == MemoryBudget(bytes: 100_000, limit: "the container's limit"))
  }

  @Test func refusesWithBothFigures() throws {
    let budget = MemoryBudget(bytes: 700_000_000, limit: "ulimit -v")
    try budget.require(700_000_000, for: "a run", remedy: "take less")
    #expect(
      throws: DiffusionError(
        .unavailable,
        "a run: out of memory: needs about 3.2 GB, and 700 MB is available (ulimit -v): take less")
    ) { try budget.require(3_250_000_000, for: "a run", remedy: "take less") }
    #expect(throws: DiffusionError.self) { try budget.require(.max, for: "a run", remedy: "take less") }
  }

  /// As the explorer asks for its runs, also those side by side and those of galleries.
  @Test func aRunThatDoesNotFitIsRefused() throws {
    var pipeline = try DDIMPipeline.fromPretrained("\(Fixtures.folder)/unet/two-levels", threads: 1)
    let config = try pipeline.unet.config, size = try #require(config.sampleSize), shape = [1, config.inChannels]
    let enough = MemoryEstimate.run(config, shape: shape + [size.height, size.width], keptSteps: 2)
    pipeline.memory = { MemoryBudget(bytes: enough, limit: "a test") }
    var engine = PipelineEngine { [pipeline] _ in pipeline }
    func request(steps: Int, images: Int) -> RunRequest {
      var settings = RunSettings(seeds: [1], steps: steps, threads: 1)
      settings.batchSize = images
      return RunRequest(settings: settings)
    }
    _ = try engine.makeRun(request(steps: 2, images: 1))
    for (steps, images) in [(1000, 1), (2, 64)] {
      let error = #expect(throws: DiffusionError.self) { _ = try engine.makeRun(request(steps: steps, images: images)) }
      #expect(error?.kind == .unavailable && error?.message.contains("(a test)") == true)
    }
    // Without the steps, as `generate` does.
    #expect(throws: Never.self) { _ = try pipeline.run(request(steps: 1000, images: 1).settings) }
  }
}
