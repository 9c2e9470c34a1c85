import CGPU
import TensorKernels

extension GPUBackend {
  package func activation(_ operation: ActivationOperation) throws {
    let (input, output) = (operation.input, operation.output), count = output.buffer.count
    precondition(
      input.channels == (operation.isGated ? 2 : 1) * output.channels
        && input.batch * input.pixels == output.batch * output.pixels,
      "an activation got an output of the wrong shape")
    var problem = cgpu_activation()
    (problem.function, problem.is_gated) = (operation.function.cgpu, operation.isGated ? 1 : 0)
    (problem.channels, problem.count) = (Int32(output.channels), Int32(count))
    try launch(
      cgpu_run_activation, groups: (count.parts(of: 256), 1, 1), [.value(problem), .map(input), .map(output)],
      for: "an activation")
  }

  package func resample(_ operation: ResamplingOperation) throws {
    let (resampling, input, output) = (operation.resampling, operation.input, operation.output)
    precondition(
      (output.height, output.width) == resampling.outputSize(height: input.height, width: input.width)
        && (output.batch, output.channels) == (input.batch, input.channels),
      "a resampling got an output of the wrong shape")
    precondition(!resampling.reflects || min(input.height, input.width) > 1, "one row has no other to reflect")
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
    precondition(
      input.channels == output.channels && input.batch == output.batch && input.pixels == output.pixels,
      "a modulation got an output of the wrong shape")
    var problem = cgpu_modulation()
    (problem.pixels, problem.channels) = (Int32(input.pixels), Int32(input.channels))
    problem.count = Int32(output.buffer.count)
    check(factor, for: input)
    (problem.factor_first, problem.factor_stride) = (Int32(factor.first), Int32(factor.map.channels))
    let terms: FeatureMap
    switch operation.kind {
    case .scale(_, let shift):
      check(shift, for: input)
      (problem.adds_one, problem.term_first, terms) = (1, Int32(shift.first), shift.map)
      problem.term_image_stride = Int32(shift.map.channels)
    case .gate(_, let residual):
      precondition(residual.buffer.count == input.buffer.count, "a modulation got a residual of the wrong shape")
      terms = residual
      problem.term_image_stride = Int32(input.pixels * input.channels)
      problem.term_pixel_stride = Int32(input.channels)
    }
    try launch(
      cgpu_run_modulation, groups: (output.buffer.count.parts(of: 256), 1, 1),
      [.value(problem), .map(input), .map(factor.map), .map(terms), .map(output)], for: "a modulation")
  }

  private func check(_ range: ChannelRange, for input: FeatureMap) {
    precondition(
      range.map.batch == input.batch && range.map.pixels == 1 && range.first + input.channels <= range.map.channels,
      "a modulation got too few channels")
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
