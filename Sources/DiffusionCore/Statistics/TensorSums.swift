/// The results of a first pass over a tensor's values.
///
/// Every sum is a chain of its own in row-major order. The sums advance together, so that the processor need not wait
/// for any of them.
struct TensorSums {
  /// The sum and the number of values. The sum is NaN if a value is, and for infinities of both signs, as in numpy.
  struct Values {
    private(set) var count = 0
    private(set) var sum = 0.0

    /// NaN if there are none.
    var mean: Double { sum / Double(count) }

    mutating func add(_ value: Double) {
      count += 1
      sum += value
    }
  }

  /// Sums over all values.
  struct All {
    private(set) var values = Values()
    /// The extremes of all values but NaN; infinity and -infinity if there are none.
    private(set) var min = Double.infinity, max = -Double.infinity
    private(set) var absolute = 0.0, squares = 0.0
    private(set) var clipped = 0, nans = 0, infinities = 0

    /// Whether all values are NaN.
    var isEmpty: Bool { values.count == nans }

    mutating func add(_ value: Double) {
      // The values are unpredictable, so branches would be mispredicted: there are none.
      clipped += value.magnitude >= 1 ? 1 : 0
      nans += value.isNaN ? 1 : 0
      infinities += value.isInfinite ? 1 : 0
      // Of two zeros the first is the minimum, and the last the maximum.
      min = value < min ? value : min
      max = value >= max ? value : max
      values.add(value)
      absolute += value.magnitude
      squares += value * value
    }
  }

  /// The ranges of the values of one channel of one image, in order. Fewer than two dimensions count as one channel.
  let runs: [(channel: Int, values: Range<Int>)]
  let all: All
  /// The sums of each channel over all images.
  let channels: [Values]

  /// Sums the values.
  init(of values: [Double], shape: [Int]) {
    let count = shape.count >= 2 ? shape[1] : 1
    let pixels = shape.count >= 2 ? shape.dropFirst(2).reduce(1, *) : values.count
    runs = (0..<(shape.count >= 2 ? shape[0] * count : 1)).map { ($0 % count, $0 * pixels..<($0 + 1) * pixels) }
    var all = All(), channels = Array(repeating: Values(), count: count)
    for run in runs {
      var own = channels[run.channel]
      for value in values[run.values] {
        all.add(value)
        own.add(value)
      }
      channels[run.channel] = own
    }
    (self.all, self.channels) = (all, channels)
  }
}

extension Tensor {
  /// The sum of absolute values in binary64, in row-major order (`np.abs(image).sum(dtype=np.float64)` up to rounding,
  /// since numpy sums in pairs). NaN if any element is.
  public func absoluteSum() -> Double {
    var sum = 0.0
    for scalar in scalars { sum += scalar.doubleValue.magnitude }
    return sum
  }
}
