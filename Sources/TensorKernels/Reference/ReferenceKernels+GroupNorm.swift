import CTensorKernels

extension ReferenceKernels {
  /// Mean and variance of each group in two passes, then y = x * scale + shift, fused.
  package func groupNorm(_ p: ctk_group_norm, items: Range<Int>) {
    let channels = Int(p.input_channels) + Int(p.input2_channels), group = channels / Int(p.groups)
    let unit = Int(withUnsafePointer(to: p) { ctk_group_norm_unit($0) }), units = (channels + unit - 1) / unit
    for item in items {
      let image = item / units, first = item % units * unit
      for start in stride(from: first, to: min(first + unit, channels), by: group) {
        normalize(p, image: image, channels: start..<start + group)
      }
    }
  }

  private func normalize(_ p: ctk_group_norm, image: Int, channels: Range<Int>) {
    let count = Float(p.pixels) * Float(channels.count)
    let mean = sum(channels) { c in sumPixels(p) { value(p, image, $0, c) } } / count
    let variance =
      sum(channels) { c in
        sumPixels(p, squares: true) { value(p, image, $0, c) - mean }
      } / count
    for c in channels {
      var scale = 1 / (variance + p.epsilon).squareRoot() * p.gamma[c]
      var shift = p.beta[c].addingProduct(-mean, scale)
      let all = Int(p.input_channels) + Int(p.input2_channels)
      if let time = p.time {
        let factor = 1 + time[image * Int(p.time_stride) + c]
        scale = scale * factor
        shift = time[image * Int(p.time_stride) + all + c].addingProduct(shift, factor)
      }
      for pixel in 0..<Int(p.pixels) {
        let y = shift.addingProduct(value(p, image, pixel, c), scale)
        p.output[(image * Int(p.pixels) + pixel) * all + c] = ScalarMath.canonical(p.silu ? ScalarMath.silu(y) : y)
      }
    }
  }

  private func value(_ p: ctk_group_norm, _ image: Int, _ pixel: Int, _ channel: Int) -> Float {
    let at = image * Int(p.pixels) + pixel, first = Int(p.input_channels)
    return channel < first
      ? p.input[at * first + channel] : p.input2[at * Int(p.input2_channels) + channel - first]
  }

  /// The sums of the channels, added in ascending order.
  private func sum(_ channels: Range<Int>, of channelSum: (Int) -> Float) -> Float {
    channels.dropFirst().reduce(channelSum(channels.lowerBound)) { $0 + channelSum($1) }
  }

  /// Runs of 32 pixels in ascending order, then a tree over the runs.
  private func sumPixels(_ p: ctk_group_norm, squares: Bool = false, of value: (Int) -> Float) -> Float {
    let runs = stride(from: 0, to: Int(p.pixels), by: 32).map { start in
      (start..<min(start + 32, Int(p.pixels))).reduce(Float(0)) { sum, pixel in
        let x = value(pixel)
        return squares ? sum.addingProduct(x, x) : sum + x
      }
    }
    return tree(runs[...])
  }

  /// Splits at the largest power of two below the number of runs.
  private func tree(_ runs: ArraySlice<Float>) -> Float {
    guard runs.count > 1 else { return runs.first ?? 0 }
    var left = 1
    while left * 2 < runs.count { left *= 2 }
    return tree(runs.prefix(left)) + tree(runs.dropFirst(left))
  }
}
