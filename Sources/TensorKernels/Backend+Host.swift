extension WeightPacker {
  package var joinsProjections: Bool { false }
}

/// Operations on the host, for a device without kernels for them.
extension Backend {
  package func modulation(_ operation: ModulationOperation) throws {
    let input = operation.input, channels = input.channels, factor = operation.factor
    let factors = try download(factor.map.buffer), terms: [Float]
    let (addsOne, place): (Bool, (_ pixel: Int, _ image: Int) -> Int)
    switch operation.kind {
    case .scale(_, let shift):
      (addsOne, terms) = (true, try download(shift.map.buffer))
      place = { _, image in image * shift.map.channels + shift.first }
    case .gate(_, let residual):
      (addsOne, terms) = (false, try download(residual.buffer))
      place = { pixel, _ in pixel * channels }
    }
    var elements = try download(input.buffer)
    for pixel in 0..<input.batch * input.pixels {
      let image = pixel / input.pixels, row = image * factor.map.channels + factor.first, term = place(pixel, image)
      for channel in 0..<channels {
        let own = factors[row + channel], index = pixel * channels + channel
        elements[index] = ScalarMath.canonical(
          terms[term + channel].addingProduct(elements[index], addsOne ? 1 + own : own))
      }
    }
    try upload(elements, to: operation.output.buffer)
  }

  package func place(_ operation: PlacementOperation) throws {
    operation.requireFit()
    let output = operation.output
    var elements = [Float](repeating: 0, count: output.buffer.count)
    var last: (any DeviceBuffer)?, source: [Float] = []
    for part in operation.parts {
      let input = part.input.map
      // Many parts may be those of one map.
      if input.buffer !== last { (last, source) = (input.buffer, try download(input.buffer)) }
      let rows = PlacementOperation.nearest(from: input.height, to: part.height)
      let columns = PlacementOperation.nearest(from: input.width, to: part.width)
      for image in 0..<input.batch {
        var target = (image * output.pixels + part.firstPixel) * output.channels + part.firstChannel
        for row in rows {
          for column in columns {
            let pixel = (image * input.height + row) * input.width + column + part.pixel
            let from = pixel * input.channels + part.input.first
            for channel in 0..<part.channels { elements[target + channel] = source[from + channel] }
            target += output.channels
          }
        }
      }
    }
    try upload(elements, to: output.buffer)
  }

  package func spatialModulation(_ operation: SpatialModulationOperation) throws {
    operation.requireFit()
    let (input, factor) = (operation.input, operation.factor), channels = input.channels
    let factors = try download(factor.buffer), terms = try download(operation.term.buffer)
    var elements = try download(input.buffer)
    for row in 0..<input.batch * input.height {
      let own = row / input.height * factor.height + row % input.height * factor.height / input.height
      for column in 0..<input.width {
        let first = (row * input.width + column) * channels
        let from = (own * factor.width + column * factor.width / input.width) * channels
        for channel in 0..<channels {
          elements[first + channel] = ScalarMath.canonical(
            elements[first + channel] * factors[from + channel] + terms[from + channel])
        }
      }
    }
    try upload(elements, to: operation.output.buffer)
  }

  package func sum(_ operation: SumOperation) throws {
    operation.requireFit()
    let first = try download(operation.first.buffer), second = try download(operation.second.buffer)
    try upload(zip(first, second).map { ScalarMath.canonical($0 + $1) }, to: operation.output.buffer)
  }

  package func quantize(_ operation: QuantizationOperation) throws {
    operation.requireFit()
    let dimension = operation.input.channels, count = operation.count
    let input = try download(operation.input.buffer), codebook = try download(operation.codebook)
    let squares = try operation.squares.map { try download($0.buffer) }
    var output = try download(operation.output.buffer), codes = try download(operation.codes.buffer)
    for pixel in 0..<operation.pixels {
      let first = (operation.first + pixel) * dimension, code: Int
      if let squares {
        code = Self.smallestRoot(squares[pixel * count..<(pixel + 1) * count])
      } else {
        let differences = Self.squaredDifferences(input[first..<first + dimension], codebook)
        code = Self.smallestRoot(differences[...])
      }
      codes[operation.first + pixel] = Float(bitPattern: UInt32(code))
      for channel in 0..<dimension {
        let own = input[first + channel]
        output[first + channel] = ScalarMath.canonical(own + (codebook[code * dimension + channel] - own))
      }
    }
    try upload(output, to: operation.output.buffer)
    try upload(codes, to: operation.codes.buffer)
  }

  /// The sums of squared differences of a vector from each of a codebook.
  private static func squaredDifferences(_ vector: ArraySlice<Float>, _ codebook: [Float]) -> [Float] {
    stride(from: 0, to: codebook.count, by: vector.count).map { first in
      zip(vector, codebook[first..<first + vector.count]).reduce(0) { sum, pair in
        let difference = pair.0 - pair.1
        return sum.addingProduct(difference, difference)
      }
    }
  }

  /// The index of the first of the smallest square roots, or of the first NaN. Below 0 is 0.
  private static func smallestRoot(_ squares: ArraySlice<Float>) -> Int {
    var smallest = Float.infinity, bound = Float.infinity, place = 0
    for (index, square) in squares.enumerated() where !(square >= bound) {
      guard !square.isNaN else { return index }
      let root = max(square, 0).squareRoot()
      // A smaller square may have the same root.
      if root < smallest { (smallest, place) = (root, index) }
      bound = square
    }
    return place
  }
}
