import CTensorKernels

extension ReferenceKernels {
  /// Each output element is a chain of fused multiply-adds over taps (rows, then columns), then input channels, both
  /// ascending, from +0; taps outside the image count with 0. Then the epilogue.
  package func convolution(_ p: ctk_convolution, items: Range<Int>) {
    let pixels = Int(p.batch) * Int(p.output_height) * Int(p.output_width)
    let tiles = (pixels + Int(CTK_TILE_PIXELS) - 1) / Int(CTK_TILE_PIXELS)
    for item in items {
      let firstPixel = item % tiles * Int(CTK_TILE_PIXELS), firstChannel = item / tiles * Int(CTK_BLOCK_CHANNELS)
      for pixel in firstPixel..<min(firstPixel + Int(CTK_TILE_PIXELS), pixels) {
        for channel in firstChannel..<min(firstChannel + Int(CTK_BLOCK_CHANNELS), Int(p.output_channels)) {
          let place = pixel * Int(p.output_channels) + channel
          p.output[place] = finish(p, sum(p, pixel: pixel, channel: channel), pixel: pixel, channel: channel)
        }
      }
    }
  }

  private func sum(_ p: ctk_convolution, pixel: Int, channel: Int) -> Float {
    let height = Int(p.input_height), width = Int(p.input_width), shift = p.upsample ? 1 : 0
    let image = pixel / Int(p.output_height * p.output_width), within = pixel % Int(p.output_height * p.output_width)
    let row = within / Int(p.output_width), column = within % Int(p.output_width)
    let kernel = Int(p.kernel), taps = kernel * kernel
    let first = Int(p.input_channels), channels = first + Int(p.input2_channels)
    var sum: Float = 0
    for tap in 0..<taps {
      let y = row * Int(p.stride) + tap / kernel - Int(p.padding)
      let x = column * Int(p.stride) + tap % kernel - Int(p.padding)
      let inside = y >= 0 && y < height << shift && x >= 0 && x < width << shift
      let source = (image * height + y >> shift) * width + x >> shift
      for c in 0..<channels {
        let value: Float =
          !inside
          ? 0
          : c < first
            ? p.input[source * first + c] : p.input2[source * (channels - first) + c - first]
        sum = sum.addingProduct(value, p.weights[(channel * channels + c) * taps + tap])
      }
    }
    return sum
  }

  /// Applies the epilogue to an element.
  func finish(_ p: ctk_convolution, _ sum: Float, pixel: Int, channel: Int) -> Float {
    let image = pixel / Int(p.output_height * p.output_width)
    var x = sum
    if let bias = p.bias { x = x + bias[channel] }
    if let time = p.time { x = x + time[image * Int(p.time_stride) + channel] }
    if let residual = p.residual { x = x + residual[pixel * Int(p.output_channels) + channel] }
    if p.divisor != 1 { x = x / p.divisor }
    return ScalarMath.canonical(p.silu ? ScalarMath.silu(x) : x)
  }
}
