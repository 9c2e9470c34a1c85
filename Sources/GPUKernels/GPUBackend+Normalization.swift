import CGPU
import TensorKernels

extension GPUBackend {
  package func groupNorm(_ operation: GroupNormOperation) throws {
    let (input, output) = (operation.input, operation.output), problem = cgpu_group_norm(checking: operation)
    let norm = Launch(
      kernel: cgpu_run_group_norm,
      groups: (output.buffer.count == 0 ? 0 : output.batch * operation.groups, 1, 1),
      arguments: [
        .value(problem), .map(input), .map(operation.second ?? input), .elements(operation.gamma),
        .elements(operation.beta), .map(operation.time ?? output), .map(output),
      ], operation: "a group norm")
    try putOff(WaitingNorm(problem: problem, launch: norm, output: own(output.buffer)))
  }

  package func layerNorm(_ operation: LayerNormOperation) throws {
    let (input, output) = (operation.input, operation.output), pixels = input.batch * input.pixels
    operation.requireFit()
    var problem = cgpu_layer_norm()
    (problem.pixels, problem.channels, problem.epsilon) = (Int32(pixels), Int32(input.channels), operation.epsilon)
    try launch(
      cgpu_run_layer_norm, groups: (pixels.parts(of: 16), 1, 1),
      [
        .value(problem), .map(input), .elements(operation.gamma), .elements(operation.beta), .map(output),
      ], for: "a layer norm")
  }
}

extension cgpu_group_norm {
  /// The sums that a group of threads holds, and the channels of which it holds at least some at a time.
  private static let (sums, together) = (2048, 32)

  /// Checks the operands and describes the problem for the kernel.
  fileprivate init(checking operation: GroupNormOperation) {
    let (input, output) = (operation.input, operation.output), second = operation.second?.channels ?? 0
    operation.requireFit()
    self.init()
    (pixels, channels, second_channels) = (Int32(input.pixels), Int32(input.channels), Int32(second))
    (groups, epsilon) = (Int32(operation.groups), operation.epsilon)
    (has_time, time_stride) = (operation.time == nil ? 0 : 1, Int32(operation.time?.channels ?? 0))
    time_first = Int32(operation.timeFirst)
    silu = operation.silu ? 1 : 0
    let runs = input.pixels.parts(of: 32), group = Swift.min(output.channels / operation.groups, Self.together)
    var span = 1
    while runs.parts(of: span) * group > Self.sums { span *= 2 }
    (self.span, spans) = (Int32(span), Int32(runs.parts(of: span)))
  }
}
