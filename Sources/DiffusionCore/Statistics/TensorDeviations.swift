/// The results of a second pass over a tensor's values: their deviations from the mean. Two passes keep the digits that
/// a difference of two sums would lose.
struct TensorDeviations {
  /// The standard deviation of all values, and that of each channel over all images; NaN if there are none, or if one
  /// is NaN or infinite.
  let all: Double
  let channels: [Double]

  /// Sums the squares of the deviations, in the order of the first pass.
  init(of values: [Double], from sums: TensorSums) {
    let mean = sums.all.values.mean
    var squares = 0.0, channels = Array(repeating: 0.0, count: sums.channels.count)
    for run in sums.runs {
      let ownMean = sums.channels[run.channel].mean
      var own = channels[run.channel]
      for value in values[run.values] {
        squares += (value - mean) * (value - mean)
        own += (value - ownMean) * (value - ownMean)
      }
      channels[run.channel] = own
    }
    all = Self.standardDeviation(squares, sums.all.values)
    self.channels = zip(channels, sums.channels).map(Self.standardDeviation)
  }

  private static func standardDeviation(_ squares: Double, _ values: TensorSums.Values) -> Double {
    (squares / Double(values.count)).squareRoot()
  }
}
