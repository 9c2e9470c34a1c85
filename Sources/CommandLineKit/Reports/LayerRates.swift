import DiffusionCore

/// The speed of layers, and its share of the machine's peak; in JSON it is part of the report on the layers.
struct LayerRates: Encodable, Sendable, Equatable {
  let milliseconds: Double
  let gflops: Double
  let gbPerSecond: Double
  /// The share of the peak arithmetic; nil if it was not measured.
  let shareOfPeak: Double?
  /// The share of the peak memory bandwidth; nil if it was not measured.
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
    // A layer can be faster than the resolution of the clock.
    let flops = seconds > 0 ? Double(layers.reduce(0) { $0 + $1.work.flops }) / seconds : 0
    let bytes = seconds > 0 ? Double(layers.reduce(0) { $0 + $1.work.bytes }) / seconds : 0
    milliseconds = seconds * 1000
    gflops = flops / 1_000_000_000
    gbPerSecond = bytes / 1_000_000_000
    shareOfPeak = peak.map { flops / $0.flopsPerSecond }
    shareOfBandwidth = peak.map { bytes / $0.bytesPerSecond }
  }
}
