import DiffusionCore

/// The peak performance of the machine with a number of threads, in JSON and as a row of a table.
struct PeakReport: Encodable, Sendable, Equatable {
  /// The instruction set that was used.
  let isa: String
  let threads: Int
  /// Fused multiply-adds in registers, each counted as two operations.
  let gflops: Double
  /// Reading of memory larger than the caches.
  let gbPerSecond: Double

  private enum CodingKeys: String, CodingKey {
    case isa, threads, gflops
    case gbPerSecond = "gb_per_s"
  }

  init(_ peak: MachinePeak) {
    (isa, threads) = (peak.isa, peak.threads)
    gflops = peak.flopsPerSecond / 1_000_000_000
    gbPerSecond = peak.bytesPerSecond / 1_000_000_000
  }
}
