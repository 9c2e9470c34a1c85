import CGPU
import TensorKernels

extension GPUBackend {
  package func place(_ operation: PlacementOperation) throws {
    operation.requireFit()
    let output = operation.output
    for part in operation.parts {
      let input = part.input.map, count = output.batch * part.height * part.width * part.channels
      var problem = cgpu_placement()
      (problem.input_height, problem.input_width) = (Int32(input.height), Int32(input.width))
      (problem.input_channels, problem.input_first) = (Int32(input.channels), Int32(part.input.first))
      (problem.input_pixel, problem.height, problem.width) = (Int32(part.pixel), Int32(part.height), Int32(part.width))
      (problem.channels, problem.count) = (Int32(part.channels), Int32(count))
      (problem.output_pixels, problem.output_channels) = (Int32(output.pixels), Int32(output.channels))
      (problem.output_first, problem.output_pixel) = (Int32(part.firstChannel), Int32(part.firstPixel))
      try launch(
        cgpu_run_placement, groups: (count.parts(of: 256), 1, 1), [.value(problem), .map(input), .map(output)],
        for: "a placement")
    }
  }

  package func spatialModulation(_ operation: SpatialModulationOperation) throws {
    operation.requireFit()
    let (input, factor, output) = (operation.input, operation.factor, operation.output)
    var problem = cgpu_spatial_modulation()
    (problem.height, problem.width, problem.channels) = (Int32(input.height), Int32(input.width), Int32(input.channels))
    problem.count = Int32(output.buffer.count)
    (problem.factor_height, problem.factor_width) = (Int32(factor.height), Int32(factor.width))
    try launch(
      cgpu_run_spatial_modulation, groups: (output.buffer.count.parts(of: 256), 1, 1),
      [.value(problem), .map(input), .map(factor), .map(operation.term), .map(output)], for: "a modulation")
  }

  package func sum(_ operation: SumOperation) throws {
    operation.requireFit()
    let count = operation.output.buffer.count
    try launch(
      cgpu_run_addition, groups: (count.parts(of: 256), 1, 1),
      [.value(Int32(count)), .map(operation.first), .map(operation.second), .map(operation.output)], for: "a sum")
  }

  package func quantize(_ operation: QuantizationOperation) throws {
    operation.requireFit()
    let input = operation.input, squares = operation.squares
    var problem = cgpu_quantization()
    (problem.first, problem.pixels) = (Int32(operation.first), Int32(operation.pixels))
    (problem.channels, problem.codes) = (Int32(input.channels), Int32(operation.count))
    problem.has_squares = squares == nil ? 0 : 1
    try launch(
      cgpu_run_quantization, groups: (operation.pixels.parts(of: 16), 1, 1),
      [
        .value(problem), .map(input), .map(squares ?? input), .elements(operation.codebook), .map(operation.output),
        .map(operation.codes),
      ], for: "a quantization")
  }
}
