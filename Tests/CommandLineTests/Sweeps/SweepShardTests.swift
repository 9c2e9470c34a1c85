import CommandLineKit
import Testing

/// Which part of a sweep a process takes.
@Suite struct SweepShardTests {
  private func message(_ text: String, _ environment: [String: String] = [:]) -> String {
    do {
      return try SweepShard(text, environment: environment).text
    } catch {
      return "\(error)"
    }
  }

  private func slurm(_ id: Int, _ range: ClosedRange<Int>, step: Int = 1, count: Int) -> [String: String] {
    [
      "SLURM_ARRAY_TASK_ID": "\(id)", "SLURM_ARRAY_TASK_MIN": "\(range.lowerBound)",
      "SLURM_ARRAY_TASK_MAX": "\(range.upperBound)", "SLURM_ARRAY_TASK_STEP": "\(step)",
      "SLURM_ARRAY_TASK_COUNT": "\(count)",
    ]
  }

  @Test("shards are blocks that cover everything once", arguments: [(10, 3), (4, 4), (2, 5), (0, 2), (1_000_000, 7)])
  func blocks(total: Int, count: Int) throws {
    let ranges = try (1...count).map { try SweepShard("\($0)/\(count)", environment: [:]).range(of: total) }
    #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == total)
    for (one, next) in zip(ranges, ranges.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
    let lengths = ranges.map(\.count)
    #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
  }

  @Test("each batch system gives its number, which is said")
  func systems() {
    #expect(message("3/8") == "shard 3 of 8")
    #expect(
      message("auto", slurm(14, 10...16, step: 2, count: 4))
        == "shard 3 of 4 (Slurm's array, SLURM_ARRAY_TASK_ID=14 of 10-16:2, COUNT=4)")
    #expect(message("auto/4", slurm(0, 0...3, count: 4)).hasPrefix("shard 1 of 4 "))
    #expect(
      message("auto/5", ["JOB_COMPLETION_INDEX": "4"])
        == "shard 5 of 5 (Kubernetes' indexed Job, JOB_COMPLETION_INDEX=4)")
    #expect(message("auto/5", ["PARALLEL_SEQ": "1"]) == "shard 1 of 5 (GNU parallel, PARALLEL_SEQ=1)")
  }

  @Test(
    "what is no shard is refused",
    arguments: [
      ("0/4", "expected a shard from 1/4 to 4/4"), ("5/4", "expected a shard from 1/4 to 4/4"),
      ("3", "expected I/N such as 1/4"), ("a/b", "expected I/N"), ("1/0", "expected I/N"), ("1/2/3", "expected I/N"),
      ("1/99999999999999999999", "expected I/N"), ("", "expected I/N"), ("auto", "none of SLURM_ARRAY_TASK_ID"),
    ])
  func refused(text: String, part: String) {
    let found = message(text)
    #expect(found.hasPrefix("--shard") && found.contains(part), "\(found)")
  }

  @Test("an environment that leaves the number open is refused")
  func unclear() {
    #expect(message("auto", ["JOB_COMPLETION_INDEX": "1"]).contains("give --shard auto/N"))
    #expect(message("auto/2", ["JOB_COMPLETION_INDEX": "2"]).contains("expected 0 to 1"))
    #expect(message("auto/2", ["PARALLEL_SEQ": "x"]).contains("PARALLEL_SEQ is 'x'"))
    #expect(message("auto/2", ["PARALLEL_SEQ": "1", "JOB_COMPLETION_INDEX": "1"]).contains("are both set"))
    #expect(message("auto", ["SLURM_ARRAY_TASK_ID": "1"]).contains("SLURM_ARRAY_TASK_MIN is not set"))
    #expect(message("auto/3", slurm(0, 0...3, count: 4)).contains("expected auto, or auto/4"))
    // --array=0,3,7
    #expect(message("auto", slurm(3, 0...7, count: 3)).contains("the array has gaps"))
    #expect(message("auto", slurm(5, 0...3, count: 4)).contains("the array has gaps"))
  }
}
