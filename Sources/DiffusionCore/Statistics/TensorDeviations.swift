/// What a second pass over a tensor's values tells: how far the finite ones lie from their mean. Two passes keep the digits that the
/// difference of two sums would lose.
struct TensorDeviations {
  /// The standard deviation of all values, and of each channel's over all images; 0 where none is finite.
  let all: Double
  let channels: [Double]

  /// Adds up the squares of the distances, in the order of the first pass.
  init(of values: [Double], from sums: TensorSums) {
    let (images, count, pixels) = sums.layout, mean = sums.all.finite.mean
    var squares = 0.0, channels = Array(repeating: 0.0, count: count), start = 0
    for _ in 0..<images {
      for channel in 0..<count {
        let ownMean = sums.channels[channel].mean
        var own = channels[channel]
        for value in values[start..<start + pixels] where value.isFinite {
          squares += (value - mean) * (value - mean)
          own += (value - ownMean) * (value - ownMean)
        }
        channels[channel] = own
        start += pixels
      }
    }
    all = Self.standardDeviation(squares, sums.all.finite)
    self.channels = zip(channels, sums.channels).map(Self.standardDeviation)
  }

  private static func standardDeviation(_ squares: Double, _ values: TensorSums.Finite) -> Double {
    values.count > 0 ? (squares / Double(values.count)).squareRoot() : 0
  }
}
