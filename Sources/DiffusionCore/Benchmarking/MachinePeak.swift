import FoundationEssentials
import Glibc
import TensorKernels

/// The measured peak performance of a machine with a number of threads.
public struct MachinePeak: Sendable, Equatable {
  /// The instruction set that was used, the widest available: `avx512`.
  public let isa: String
  /// The number of threads that ran at once.
  public let threads: Int
  /// The rate of fused multiply-adds in registers, each counted as two operations.
  public let flopsPerSecond: Double
  /// The rate of reading a buffer larger than the caches.
  public let bytesPerSecond: Double

  /// Creates a peak from measured values.
  public init(isa: String, threads: Int, flopsPerSecond: Double, bytesPerSecond: Double) {
    self.isa = isa
    self.threads = threads
    self.flopsPerSecond = flopsPerSecond
    self.bytesPerSecond = bytesPerSecond
  }

  /// Measures the peak, which takes some tenths of a second.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the threads cannot be started or there is no memory to read.
  public static func measure(threads: Int, clock: any Clock<Duration> = ContinuousClock()) throws -> MachinePeak {
    guard let kernels = PeakKernels(threads: threads) else {
      throw DiffusionError(.unavailable, "the system refuses to start \(threads) threads: ask for fewer")
    }
    let flops = best(of: 64, clock) { kernels.multiplyAdd(rounds: 1 << 14) }
    let byteCount = bufferBytes(), read: () -> Int
    do {
      read = try kernels.reading(byteCount: byteCount)
    } catch is AllocationError {
      throw DiffusionError(
        .unavailable, "out of memory: \(byteCount) bytes are wanted to measure how fast memory is read; free some")
    }
    let bytes = best(of: 12, clock, read)
    return MachinePeak(isa: kernels.name, threads: threads, flopsPerSecond: flops, bytesPerSecond: bytes)
  }

  /// The highest rate of a few short attempts: disturbances only ever slow a measurement down.
  private static func best(of tries: Int, _ clock: some Clock<Duration>, _ work: () -> Int) -> Double {
    (0..<tries).map { _ in
      let (amount, seconds) = Stopwatch.measure(by: clock, work)
      return Double(amount) / seconds
    }.max() ?? 0
  }

  /// Four times the largest cache, within reason.
  private static func bufferBytes() -> Int {
    min(max(4 * sysconf(Int32(_SC_LEVEL3_CACHE_SIZE)), 64 << 20), 512 << 20)
  }
}

/// The peak memory of this process.
public enum PeakMemory {
  /// The peak resident set size in bytes (`VmHWM`); nil where the system does not report it.
  public static func bytes(status path: String = "/proc/self/status") -> Int? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
    return number.map { $0 * 1024 }
  }
}
