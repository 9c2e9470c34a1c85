/// An activation between layers: `[batch][height][width][channels]`, binary32, in a device's memory. It is written
/// once, by the operation that produces it.
package struct FeatureMap: Sendable {
  package let batch: Int
  package let height: Int
  package let width: Int
  package let channels: Int
  package let buffer: any DeviceBuffer

  /// Creates a map whose elements are not yet written.
  ///
  /// - Throws: ``AllocationError`` if the device has no memory for it, or if it has more pixels than kernels can index:
  ///   2^31.
  package init(batch: Int, height: Int, width: Int, channels: Int, on backend: any Backend) throws {
    let pixels = Int.product(batch, height, width)
    guard pixels < 1 << 31 else {
      throw AllocationError(byteCount: .product(pixels, channels, MemoryLayout<Float>.stride))
    }
    (self.batch, self.height, self.width, self.channels) = (batch, height, width, channels)
    buffer = try backend.buffer(count: .product(pixels, channels))
  }

  /// Creates a map of elements that are in a buffer already, such as another map's, as many as the extents say.
  package init(batch: Int = 1, height: Int = 1, width: Int = 1, channels: Int, sharing buffer: any DeviceBuffer) {
    precondition(
      Int.product(batch, height, width, channels) == buffer.count, "a map shares a buffer of another size")
    (self.batch, self.height, self.width, self.channels) = (batch, height, width, channels)
    self.buffer = buffer
  }

  /// The number of pixels of one image.
  package var pixels: Int { height * width }
}

/// Sizes that come from files and options may be of any magnitude; a figure that no integer holds is `Int.max`.
extension Int {
  /// The product of extents, none of them negative.
  package static func product(_ extents: Int...) -> Int { product(of: extents) }

  /// The product of extents, none of them negative.
  package static func product(of extents: some Sequence<Int>) -> Int {
    var result = 1, overflows = false
    for extent in extents {
      guard extent != 0 else { return 0 }
      let (next, overflow) = result.multipliedReportingOverflow(by: extent)
      (result, overflows) = (overflow ? result : next, overflows || overflow)
    }
    return overflows ? .max : result
  }

  /// The sum of counts, none of them negative.
  package static func sum(of counts: some Sequence<Int>) -> Int {
    counts.reduce(0) { sum, count in
      let (next, overflow) = sum.addingReportingOverflow(count)
      return overflow ? .max : next
    }
  }
}

/// Group normalisation (Wu and He 2018, arXiv 1803.08494), followed by scale and shift by the time embedding and SiLU.
package struct GroupNormOperation: Sendable {
  package let groups: Int
  /// The value added to a group's variance before the square root.
  package let epsilon: Float
  /// `[channels]`
  package let gamma: any DeviceBuffer
  /// `[channels]`
  package let beta: any DeviceBuffer
  package let input: FeatureMap
  /// Channels that follow those of the input: a concatenation that is never materialised.
  package var second: FeatureMap?
  /// Scale, then shift, `[batch][2 * channels]`: the result is multiplied by 1 + scale, and shift is added.
  package var time: FeatureMap?
  /// The first of the channels of `time` that are read, as for ``ConvolutionOperation/timeFirst``.
  package var timeFirst = 0
  package var silu = false
  package let output: FeatureMap

  package init(
    groups: Int, epsilon: Float, gamma: any DeviceBuffer, beta: any DeviceBuffer, input: FeatureMap, output: FeatureMap
  ) {
    (self.groups, self.epsilon, self.gamma, self.beta) = (groups, epsilon, gamma, beta)
    (self.input, self.output) = (input, output)
  }
}

/// Layer normalisation over the channels of each pixel (Ba et al. 2016, arXiv 1607.06450).
package struct LayerNormOperation: Sendable {
  /// The value added to a pixel's variance before the square root.
  package let epsilon: Float
  /// `[channels]`
  package let gamma: any DeviceBuffer
  /// `[channels]`
  package let beta: any DeviceBuffer
  package let input: FeatureMap
  package let output: FeatureMap

  package init(epsilon: Float, gamma: any DeviceBuffer, beta: any DeviceBuffer, input: FeatureMap, output: FeatureMap) {
    (self.epsilon, self.gamma, self.beta) = (epsilon, gamma, beta)
    (self.input, self.output) = (input, output)
  }
}

/// An activation function of each element.
package enum Activation: Sendable, CaseIterable {
  /// x / (1 + e^-x).
  case silu
  /// x times the normal distribution's cumulative function (Hendrycks and Gimpel 2016, arXiv 1606.08415).
  case gelu
  /// x / (1 + e^(-1.702 x)).
  case quickGELU
  /// x tanh(ln(1 + e^x)) (Misra 2019, arXiv 1908.08681).
  case mish
  /// x, or 0 where it is negative.
  case relu
  /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
  case tanhGELU
}

/// An activation function of a map, or of the second half of its channels, which then multiplies the first.
package struct ActivationOperation: Sendable {
  package let function: Activation
  /// Whether the input has twice the output's channels: the result is first half times function(second half) (GLU,
  /// Shazeer 2020, arXiv 2002.05202).
  package let isGated: Bool
  package let input: FeatureMap
  package let output: FeatureMap

  package init(_ function: Activation, isGated: Bool = false, input: FeatureMap, output: FeatureMap) {
    (self.function, self.isGated, self.input, self.output) = (function, isGated, input, output)
  }
}

/// A change of an image's size to twice or half of it, each channel by itself.
package struct Resampling: Sendable, Equatable {
  /// What is computed.
  package enum Kind: Sendable, CaseIterable {
    /// Each pixel becomes a square of four.
    case nearest
    /// The mean of each square of four.
    case average
    /// The filter (1, 3, 3, 1) in both directions, to twice the size.
    case filterUp
    /// The same to half the size.
    case filterDown
  }

  package var kind: Kind
  /// Whether taps outside the image are those as far inside of its edge; they are zeros otherwise.
  package var reflects = false

  package init(_ kind: Kind, reflects: Bool = false) { (self.kind, self.reflects) = (kind, reflects) }

  /// The taps of an output pixel in each direction.
  package var taps: Int {
    switch kind {
    case .nearest: 1
    case .average, .filterUp: 2
    case .filterDown: 4
    }
  }

  /// Whether the image becomes larger.
  package var doubles: Bool { kind == .nearest || kind == .filterUp }

  /// The size of its output, for that of an input; halves are rounded down.
  package func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
    doubles ? (2 * height, 2 * width) : (height / 2, width / 2)
  }
}

/// A resampling of a map.
package struct ResamplingOperation: Sendable {
  package let resampling: Resampling
  package let input: FeatureMap
  package let output: FeatureMap

  package init(_ resampling: Resampling, input: FeatureMap, output: FeatureMap) {
    (self.resampling, self.input, self.output) = (resampling, input, output)
  }
}

/// Consecutive channels of a map.
package struct ChannelRange: Sendable {
  package let map: FeatureMap
  /// The first of the channels.
  package let first: Int

  package init(_ map: FeatureMap, from first: Int = 0) { (self.map, self.first) = (map, first) }
}

/// What a conditioning makes of each element by its image and channel (adaLN-Zero, Peebles and Xie 2023, arXiv
/// 2212.09748).
package struct ModulationOperation: Sendable {
  /// What becomes of an element x. Channels are as many as those of the input, of maps with one pixel for each image.
  package enum Kind: Sendable {
    /// x * (1 + scale) + shift.
    case scale(ChannelRange, shift: ChannelRange)
    /// x * gate + residual; the residual is as large as the input.
    case gate(ChannelRange, residual: FeatureMap)
  }

  package let kind: Kind
  package let input: FeatureMap
  package let output: FeatureMap

  package init(_ kind: Kind, input: FeatureMap, output: FeatureMap) {
    (self.kind, self.input, self.output) = (kind, input, output)
  }

  /// The factor of each image and channel.
  package var factor: ChannelRange {
    switch kind {
    case .scale(let factor, _), .gate(let factor, _): factor
    }
  }
}

/// softmax(query key^T scale) value over the pixels, or the tokens, of each image, for each head.
package struct AttentionOperation: Sendable {
  package let heads: Int
  package let scale: Float
  /// As many channels as the output has, for each of its pixels.
  package let query: ChannelRange
  /// As many channels, for each pixel or token that is attended to; keys and values have the same number of them.
  package let key: ChannelRange
  package let value: ChannelRange
  /// Whether a query attends to the keys up to its own place alone.
  package var isCausal = false
  package let output: FeatureMap

  package init(
    heads: Int, scale: Float, query: ChannelRange, key: ChannelRange, value: ChannelRange, output: FeatureMap
  ) {
    (self.heads, self.scale) = (heads, scale)
    (self.query, self.key, self.value, self.output) = (query, key, value, output)
  }

  /// Attention of a map to itself.
  ///
  /// - Parameter queryKeyValue: Queries, keys and values, concatenated in each pixel: three times the output's
  ///   channels.
  package init(heads: Int, scale: Float, queryKeyValue: FeatureMap, output: FeatureMap) {
    let ranges = (0..<3).map { ChannelRange(queryKeyValue, from: $0 * output.channels) }
    self.init(heads: heads, scale: scale, query: ranges[0], key: ranges[1], value: ranges[2], output: output)
  }

  /// The number of channels of a head.
  package var headDim: Int { output.channels / heads }
}
