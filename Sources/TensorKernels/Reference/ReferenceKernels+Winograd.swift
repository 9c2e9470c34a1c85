import CTensorKernels

extension ReferenceKernels {
  /// Each point of the transform is a chain of fused multiply-adds over input channels, ascending, from +0. The oracle
  /// needs no workspace.
  package func winograd(
    _ p: ctk_convolution, items: Range<Int>, workspace: UnsafeMutablePointer<ctk_winograd_workspace>
  ) {
    let winograd = ScalarWinograd(p.algorithm), perSlab = p.winogradTilesOfSlab
    let block = Int(CTK_BLOCK_CHANNELS), blocks = ctk_convolution_blocks(p.output_channels)
    for item in items {
      let channel = item % blocks * block, first = item / blocks * perSlab
      for tile in first..<min(first + perSlab, p.winogradTiles) {
        let inputs = transformedInputs(p, winograd, tile: tile)
        for channel in channel..<min(channel + block, Int(p.output_channels)) {
          write(p, winograd, tile: tile, channel: channel, inputs: inputs)
        }
      }
    }
  }

  private struct Tile {
    let image, row, column: Int

    init(_ p: ctk_convolution, _ winograd: ScalarWinograd, _ index: Int) {
      let m = winograd.outputs
      let across = (Int(p.output_width) + m - 1) / m, down = (Int(p.output_height) + m - 1) / m
      image = index / (down * across)
      row = index % (down * across) / across * m
      column = index % across * m
    }
  }

  /// The transformed tile of each input channel.
  private func transformedInputs(_ p: ctk_convolution, _ winograd: ScalarWinograd, tile index: Int) -> [[Float]] {
    let tile = Tile(p, winograd, index), shift = p.upsample ? 1 : 0, side = winograd.inputs
    let height = Int(p.input_height), width = Int(p.input_width)
    return (0..<Int(p.input_channels)).map { channel in
      winograd.input(
        (0..<side * side).map { place in
          let y = tile.row + place / side - 1, x = tile.column + place % side - 1
          guard y >= 0, y < height << shift, x >= 0, x < width << shift else { return 0 }
          let source = (tile.image * height + (y >> shift)) * width + (x >> shift)
          return p.input[source * Int(p.input_channels) + channel]
        })
    }
  }

  private func write(
    _ p: ctk_convolution, _ winograd: ScalarWinograd, tile index: Int, channel: Int, inputs: [[Float]]
  ) {
    let tile = Tile(p, winograd, index), points = winograd.inputs * winograd.inputs
    let sums = (0..<points).map { point in
      inputs.indices.reduce(Float(0)) { sum, input in
        sum.addingProduct(inputs[input][point], p.weights[(channel * inputs.count + input) * points + point])
      }
    }
    for (place, value) in winograd.output(sums).enumerated() {
      let row = tile.row + place / winograd.outputs, column = tile.column + place % winograd.outputs
      guard row < Int(p.output_height), column < Int(p.output_width) else { continue }
      let pixel = (tile.image * Int(p.output_height) + row) * Int(p.output_width) + column
      p.output[pixel * Int(p.output_channels) + channel] = finish(p, value, pixel: pixel, channel: channel)
    }
  }
}
