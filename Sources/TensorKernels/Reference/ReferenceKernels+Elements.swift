import CTensorKernels

extension ReferenceKernels {
  /// Mean and variance of each pixel in two passes over 16 lanes, then y = ((x - mean) / deviation) * gamma + beta.
  package func layerNorm(_ p: ctk_layer_norm, items: Range<Int>) {
    let tile = Int(CTK_TILE_NORMS), channels = Int(p.channels)
    for pixel in items.lowerBound * tile..<min(items.upperBound * tile, p.pixels) {
      let x = p.input + pixel * channels, y = p.output + pixel * channels
      let mean = sumLanes(channels) { c, sum in sum + x[c] } / Float(channels)
      let variance =
        sumLanes(channels) { c, sum in
          let difference = x[c] - mean
          return sum.addingProduct(difference, difference)
        } / Float(channels)
      let scale = 1 / (variance + p.epsilon).squareRoot()
      for c in 0..<channels {
        y[c] = ScalarMath.canonical(p.beta[c].addingProduct((x[c] - mean) * scale, p.gamma[c]))
      }
    }
  }

  /// 16 lanes by channel modulo 16, each ascending from +0, then a tree.
  private func sumLanes(_ channels: Int, adding: (Int, Float) -> Float) -> Float {
    var lanes = [Float](repeating: 0, count: 16)
    for c in 0..<channels { lanes[c % 16] = adding(c, lanes[c % 16]) }
    return ScalarMath.sum(lanes: lanes)
  }

  /// The function of each element, or of the one half a pixel further if gated, times the element.
  package func activation(_ p: ctk_activation, items: Range<Int>) {
    let tile = Int(CTK_TILE_ELEMENTS), channels = Int(p.channels)
    for place in items.lowerBound * tile..<min(items.upperBound * tile, p.count) {
      guard p.gated else {
        p.output[place] = ScalarMath.canonical(apply(p.function, p.input[place]))
        continue
      }
      let first = place / channels * 2 * channels + place % channels
      p.output[place] = ScalarMath.canonical(p.input[first] * apply(p.function, p.input[first + channels]))
    }
  }

  /// x * factor + term, fused, with 1 added to the factor of a scale.
  package func modulation(_ p: ctk_modulation, items: Range<Int>) {
    let tile = Int(CTK_TILE_NORMS), channels = Int(p.channels), pixels = Int(p.pixels)
    for pixel in items.lowerBound * tile..<min(items.upperBound * tile, Int(p.batch) * pixels) {
      let (image, place) = (pixel / pixels, pixel % pixels)
      let term = image * p.term_image_stride + place * p.term_pixel_stride
      for c in 0..<channels {
        let factor = p.factor[image * Int(p.factor_stride) + c], x = p.input[pixel * channels + c]
        let sum = p.term[term + c].addingProduct(x, p.adds_one ? 1 + factor : factor)
        p.output[pixel * channels + c] = ScalarMath.canonical(sum)
      }
    }
  }

  private func apply(_ function: ctk_function, _ x: Float) -> Float {
    switch function {
    case ctk_gelu: ScalarMath.gelu(x)
    case ctk_quick_gelu: ScalarMath.quickGELU(x)
    case ctk_mish: ScalarMath.mish(x)
    case ctk_relu: x < 0 ? 0 : x
    case ctk_tanh_gelu: ScalarMath.tanhGELU(x)
    default: ScalarMath.silu(x)
    }
  }
}
