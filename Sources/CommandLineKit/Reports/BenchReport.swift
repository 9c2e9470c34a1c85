import DiffusionCore
import DiffusionTUI

/// The speed of a model, as `bench` prints it.
public struct BenchReport: Encodable, Sendable, Equatable {
  /// The number of passes whose layers are timed, separate from those that count, because the timing takes time.
  static let profiles = 10

  /// The minimum and the median of the forward passes.
  struct Forward: Encodable, Sendable, Equatable {
    let min: Double
    let median: Double
  }

  let model: String
  let engine: EngineReport
  let device: String
  let isa: String
  let threads: Int
  let batchSize: Int
  /// The shape of the sample, `[images, channels, height, width]`.
  let inputShape: [Int]
  let repeats: Int
  /// The time from opening the files to a model that is ready to compute, in milliseconds.
  let loadMs: Double
  /// The time of a forward pass, in milliseconds.
  let forwardMs: Forward
  /// Floating-point operations of a forward pass by the layers' definitions; Winograd's algorithms need fewer.
  let flops: Int
  /// The peak memory of the process at the end of the forward passes, in units of 1,000,000 bytes; left out if the
  /// system does not report it.
  let peakMemoryMb: Double?
  /// The peak performance of the machine, for one thread and for the number used.
  let machine: [PeakReport]
  /// The time of the pass whose layers were timed, in milliseconds: the minimum of several.
  let profileMs: Double
  /// Every layer of that pass, in the order they ran.
  let layers: [TimedLayerReport]
  /// The same layers grouped by kind, longest first.
  let kinds: [LayerKindReport]

  private enum CodingKeys: String, CodingKey {
    case model, engine, device, isa, threads, repeats, flops, machine, layers, kinds
    case batchSize = "batch_size"
    case inputShape = "input_shape"
    case loadMs = "load_ms"
    case forwardMs = "forward_ms"
    case profileMs = "profile_ms"
    case peakMemoryMb = "peak_memory_mb"
  }

  /// Creates a report from measurements; `forwards`, in seconds, and `peaks` are not empty.
  package init(
    model: String, request: BenchRequest, inputShape: [Int], loadSeconds: Double, forwards: [Double],
    profile: ForwardTiming, peakMemory: Int?, peaks: [MachinePeak]
  ) {
    let peak = peaks.last
    self.model = model
    (device, isa, threads) = (request.device.description, request.device.instructionSet, request.threads)
    (batchSize, repeats, self.inputShape) = (request.batchSize, forwards.count, inputShape)
    engine = EngineReport(version: ProgramVersion.current, device: request.device, threads: threads)
    loadMs = loadSeconds * 1000
    forwardMs = Forward(min: (forwards.min() ?? .nan) * 1000, median: Median.of(forwards) * 1000)
    flops = profile.layers.reduce(0) { $0 + $1.work.flops }
    peakMemoryMb = peakMemory.map { Double($0) / 1_000_000 }
    profileMs = profile.seconds * 1000
    machine = peaks.map(PeakReport.init)
    layers = profile.layers.map { TimedLayerReport($0, peak: peak) }
    kinds = LayerKindReport.grouping(profile.layers, peak: peak)
  }

  /// The report as one JSON object.
  public func json() throws -> PrintedText { try JSONReport.text(self) }

  /// The report as tables.
  public var table: PrintedText {
    [facts.text, machineTable.text, LayerKindReport.table(of: kinds, profileMs: profileMs), Self.notes]
      .joined(separator: "\n")
  }

  private var facts: TextTable {
    let gigaflops = Double(flops) / forwardMs.median / 1_000_000
    return TextTable(facts: [
      ("model", model),
      ("device", engine.text(device: device)),
      ("batch size", "\(batchSize)"),
      ("input", inputShape.map(String.init).joined(separator: "x")),
      ("load and prepare", FixedDecimal.text(loadMs, digits: 1) + " ms"),
      (
        "forward",
        FixedDecimal.text(forwardMs.median, digits: 2) + " ms median, " + FixedDecimal.text(forwardMs.min, digits: 2)
          + " ms shortest of \(repeats)"
      ),
      (
        "work",
        FixedDecimal.text(Double(flops) / 1_000_000_000, digits: 3) + " GFLOP, "
          + FixedDecimal.text(gigaflops, digits: 1) + " GFLOP/s"
      ),
      ("peak memory", peakMemoryMb.map { FixedDecimal.text($0, digits: 1) + " MB" } ?? "unknown"),
    ])
  }

  private var machineTable: TextTable {
    var table = TextTable([
      ("the machine at best", .left), ("threads", .right), ("GFLOP/s", .right), ("GB/s", .right),
    ])
    for peak in machine {
      table.append([
        peak.isa, "\(peak.threads)", FixedDecimal.text(peak.gflops, digits: 1),
        FixedDecimal.text(peak.gbPerSecond, digits: 1),
      ])
    }
    return table
  }

  /// At most 79 columns wide.
  private static let notes: PrintedText = """
    Layers are those of the shortest of \(Self.profiles) more passes, in which each is timed;
    "of pass" is the share of that pass. GFLOP counts what a layer's definition
    has, a fused multiply-add as two; Winograd's algorithms need fewer, so their
    share may pass 100 %. GB counts weights, inputs and outputs once; caches may
    beat memory.

    """
}

/// The median of measured times.
enum Median {
  /// The median of values in any order; between the two middle ones of an even number, NaN of none.
  static func of(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
