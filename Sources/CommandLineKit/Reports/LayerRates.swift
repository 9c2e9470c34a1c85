import DiffusionCore

/// How fast layers were, and how that compares with the machine at its best; in JSON a part of what tells of the
/// layers.
struct LayerRates: Encodable, Sendable, Equatable {
  let milliseconds: Double
  let gflops: Double
  let gbPerSecond: Double
  /// Of the machine's arithmetic; nil if it was not measured.
  let shareOfPeak: Double?
  /// Of the machine's reading of memory; nil if it was not measured.
  let shareOfBandwidth: Double?

  private enum CodingKeys: String, CodingKey {
    case gflops
    case milliseconds = "ms"
    case gbPerSecond = "gb_per_s"
    case shareOfPeak = "share_of_peak"
    case shareOfBandwidth = "share_of_bandwidth"
  }

  init(_ layers: [LayerTiming], peak: MachinePeak?) {
    let seconds = layers.reduce(0) { $0 + $1.seconds }
    // A layer can be faster than the clock can tell.
    let flops = seconds > 0 ? Double(layers.reduce(0) { $0 + $1.work.flops }) / seconds : 0
    let bytes = seconds > 0 ? Double(layers.reduce(0) { $0 + $1.work.bytes }) / seconds : 0
    milliseconds = seconds * 1000
    gflops = flops / 1_000_000_000
    gbPerSecond = bytes / 1_000_000_000
    shareOfPeak = peak.map { flops / $0.flopsPerSecond }
    shareOfBandwidth = peak.map { bytes / $0.bytesPerSecond }
  }
}
