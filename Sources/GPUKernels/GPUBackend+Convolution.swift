import CGPU
import TensorKernels

extension GPUBackend {
  package func convolution(_ operation: ConvolutionOperation) throws {
    let problem = cgpu_convolution(checking: operation)
    switch operation.shape.algorithm {
    case .direct: try direct(operation, problem)
    case .winograd2x2, .winograd4x4: try winograd(operation, problem)
    }
  }

  /// Pixels above which threads share what they read.
  private static let fewPixels = 16
  private static let tile = 64

  private func direct(_ operation: ConvolutionOperation, _ problem: cgpu_convolution) throws {
    let output = operation.output, pixels = output.batch * output.pixels
    let arguments: [GPUArgument] = [
      .value(problem), .map(operation.input), .map(operation.second ?? operation.input),
      .elements(operation.weights), .elements(operation.bias), .map(operation.time ?? output),
      .map(operation.residual ?? output), .map(output),
    ]
    let isSmall = pixels <= Self.fewPixels
    try launch(
      isSmall ? cgpu_run_convolution_single : cgpu_run_convolution_tiled,
      groups: isSmall
        ? (output.channels.parts(of: 64), pixels, 1)
        : (pixels.parts(of: Self.tile), output.channels.parts(of: Self.tile), 1),
      arguments, for: "a convolution")
  }

  /// In parts of as many tiles as the workspace has room for.
  private func winograd(_ operation: ConvolutionOperation, _ problem: cgpu_convolution) throws {
    let output = operation.output, input = operation.input
    precondition(operation.second == nil && operation.shape.kernel == 3 && operation.shape.stride == 1)
    guard let side = operation.shape.algorithm.transformedSide else { return }
    let points = side * side, largest = max(input.channels, output.channels)
    let tiles = output.batch * output.height.parts(of: side - 2) * output.width.parts(of: side - 2)
    let part = Swift.min(tiles, Swift.max(Self.tile, workspaceLimit / (points * largest)))
    guard tiles > 0 else { return }
    let transformed = try workspace(count: points * part * input.channels)
    let products = try workspace(count: points * part * output.channels)
    let (transform, finish) =
      side == 4
      ? (cgpu_run_winograd_input_4, cgpu_run_winograd_output_4)
      : (cgpu_run_winograd_input_6, cgpu_run_winograd_output_6)
    for first in stride(from: 0, to: tiles, by: part) {
      let count = Swift.min(part, tiles - first)
      var own = problem
      (own.first_tile, own.tiles) = (Int32(first), Int32(count))
      if try count < tiles || !joinsNorm(own, input, transformed, isSmall: side == 4) {
        try launch(
          transform, groups: ((count * input.channels).parts(of: 128), 1, 1),
          [.value(own), .map(input), .buffer(transformed)], for: "a convolution")
      }
      try launch(
        cgpu_run_winograd_products,
        groups: (count.parts(of: Self.tile), output.channels.parts(of: Self.tile), points),
        [
          .value(own), .value(Int32(points)), .buffer(transformed), .elements(operation.weights), .buffer(products),
        ], for: "a convolution")
      try launch(
        finish, groups: ((count * output.channels).parts(of: 128), 1, 1),
        [
          .value(own), .buffer(products), .elements(operation.bias), .map(operation.time ?? output),
          .map(operation.residual ?? output), .map(output),
        ], for: "a convolution")
    }
  }
}

extension GPUBackend {
  /// Images up to which the norm before a convolution transforms what it has normalised. Of more, there are enough
  /// tiles for a launch of their own, in which neighbouring threads read neighbouring channels.
  private static let fewImages = 4

  /// Launches the norm that the convolution reads, with the transformation of its input behind it, if there is one that
  /// waits; whether there was.
  private func joinsNorm(
    _ problem: cgpu_convolution, _ input: FeatureMap, _ transformed: GPUBuffer, isSmall: Bool
  ) throws -> Bool {
    guard input.batch <= Self.fewImages else { return false }
    return try joining(input) { norm in
      var arguments = norm.launch.arguments
      arguments.insert(.value(problem), at: 1)
      return Launch(
        kernel: isSmall ? cgpu_run_group_norm_winograd_4 : cgpu_run_group_norm_winograd_6, groups: norm.launch.groups,
        arguments: arguments + [.buffer(transformed)], operation: "a group norm")
    }
  }
}

extension cgpu_convolution {
  /// Checks the operands and describes the problem for the kernels.
  fileprivate init(checking operation: ConvolutionOperation) {
    let shape = operation.shape, (input, output) = (operation.input, operation.output)
    let second = operation.second?.channels ?? 0
    operation.requireFit()
    self.init()
    (batch, input_height, input_width) = (Int32(input.batch), Int32(input.height), Int32(input.width))
    (channels, second_channels) = (Int32(input.channels), Int32(second))
    (kernel_size, stride, padding) = (Int32(shape.kernel), Int32(shape.stride), Int32(shape.padding))
    upsample = shape.upsample ? 1 : 0
    (output_channels, output_height) = (Int32(output.channels), Int32(output.height))
    output_width = Int32(output.width)
    (has_time, time_stride) = (operation.time == nil ? 0 : 1, Int32(operation.time?.channels ?? 0))
    time_first = Int32(operation.timeFirst)
    has_residual = operation.residual == nil ? 0 : 1
    (silu, divisor) = (operation.silu ? 1 : 0, operation.divisor)
  }
}
