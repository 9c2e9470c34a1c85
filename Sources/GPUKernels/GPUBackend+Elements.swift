import CGPU
import TensorKernels

extension GPUBackend {
  package func activation(_ operation: ActivationOperation) throws {
    let (input, output) = (operation.input, operation.output), count = output.buffer.count
    operation.requireFit()
    var problem = cgpu_activation()
    (problem.function, problem.is_gated) = (operation.function.cgpu, operation.isGated ? 1 : 0)
    (problem.channels, problem.count) = (Int32(output.channels), Int32(count))
    try launch(
      cgpu_run_activation, groups: (count.parts(of: 256), 1, 1), [.value(problem), .map(input), .map(output)],
      for: "an activation")
  }

  package func resample(_ operation: ResamplingOperation) throws {
    let (resampling, input, output) = (operation.resampling, operation.input, operation.output)
    operation.requireFit()
    var problem = cgpu_resample()
    (problem.kind, problem.reflects) = (resampling.kind.cgpu, resampling.reflects ? 1 : 0)
    (problem.input_height, problem.input_width) = (Int32(input.height), Int32(input.width))
    (problem.output_height, problem.output_width) = (Int32(output.height), Int32(output.width))
    (problem.channels, problem.count) = (Int32(input.channels), Int32(output.buffer.count))
    try launch(
      cgpu_run_resample, groups: (output.buffer.count.parts(of: 256), 1, 1),
      [.value(problem), .map(input), .map(output)], for: "a resampling")
  }

  package func modulation(_ operation: ModulationOperation) throws {
    let (input, output, factor) = (operation.input, operation.output, operation.factor)
    operation.requireFit()
    var problem = cgpu_modulation()
    (problem.pixels, problem.channels) = (Int32(input.pixels), Int32(input.channels))
    problem.count = Int32(output.buffer.count)
    (problem.factor_first, problem.factor_stride) = (Int32(factor.first), Int32(factor.map.channels))
    let terms: FeatureMap
    switch operation.kind {
    case .scale(_, let shift):
      (problem.adds_one, problem.term_first, terms) = (1, Int32(shift.first), shift.map)
      problem.term_image_stride = Int32(shift.map.channels)
    case .gate(_, let residual):
      terms = residual
      problem.term_image_stride = Int32(input.pixels * input.channels)
      problem.term_pixel_stride = Int32(input.channels)
    }
    try launch(
      cgpu_run_modulation, groups: (output.buffer.count.parts(of: 256), 1, 1),
      [.value(problem), .map(input), .map(factor.map), .map(terms), .map(output)], for: "a modulation")
  }
}

extension Activation {
  /// The function's number in the kernels.
  fileprivate var cgpu: Int32 {
    switch self {
    case .silu: Int32(CGPU_SILU)
    case .gelu: Int32(CGPU_GELU)
    case .quickGELU: Int32(CGPU_QUICK_GELU)
    case .mish: Int32(CGPU_MISH)
    case .relu: Int32(CGPU_RELU)
    case .tanhGELU: Int32(CGPU_TANH_GELU)
    }
  }
}

extension Resampling.Kind {
  /// The kind's number in the kernels.
  fileprivate var cgpu: Int32 {
    switch self {
    case .nearest: Int32(CGPU_NEAREST)
    case .average: Int32(CGPU_AVERAGE)
    case .filterUp: Int32(CGPU_FILTER_UP)
    case .filterDown: Int32(CGPU_FILTER_DOWN)
    }
  }
}
