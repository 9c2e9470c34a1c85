import CTensorKernels

extension ReferenceKernels {
  /// A chain of fused multiply-adds over the taps inside the image, row by row.
  package func resample(_ p: ctk_resample, items: Range<Int>) {
    let channels = Int(p.channels), height = Int(p.input_height), width = Int(p.input_width)
    for item in items {
      let image = item / Int(p.output_height), rows = taps(p, at: item % Int(p.output_height), of: height)
      for column in 0..<Int(p.output_width) {
        let columns = taps(p, at: column, of: width)
        for channel in 0..<channels {
          var sum: Float = 0
          for row in rows {
            for column in columns {
              let pixel = (image * height + row.index) * width + column.index
              sum = sum.addingProduct(p.input[pixel * channels + channel], row.weight * column.weight)
            }
          }
          p.output[(item * Int(p.output_width) + column) * channels + channel] = ScalarMath.canonical(sum)
        }
      }
    }
  }

  private func taps(_ p: ctk_resample, at place: Int, of extent: Int) -> [(index: Int, weight: Float)] {
    let first: Int, weights: [Float]
    switch p.kind {
    case ctk_nearest: (first, weights) = (place / 2, [1])
    case ctk_average: (first, weights) = (2 * place, [0.5, 0.5])
    case ctk_filter_up: (first, weights) = ((place + 1) / 2 - 1, place % 2 == 0 ? [0.25, 0.75] : [0.75, 0.25])
    default: (first, weights) = (2 * place - 1, [0.125, 0.375, 0.375, 0.125])
    }
    return weights.enumerated().compactMap { offset, weight in
      var index = first + offset
      if p.reflects { index = index < 0 ? -index : index >= extent ? 2 * extent - 2 - index : index }
      return (0..<extent).contains(index) ? (index, weight) : nil
    }
  }
}
