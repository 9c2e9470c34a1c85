import CTensorKernels
import TensorKernels

/// A convolution with a square kernel (`torch.nn.Conv2d`), or a linear layer over the channels of each pixel (`torch.nn.Linear`).
package struct Convolution: Sendable {
  /// How a convolution meets its input.
  package struct Geometry: Sendable {
    package var kernel = 3
    package var stride = 1
    /// Zeros above and to the left of the input.
    package var padding = 1
    /// Zeros below and to the right of it.
    package var trailingPadding = 1
    /// Whether each input pixel stands for a square of four.
    package var upsample = false
    /// How the sums are computed: part of what decides the bits.
    package var algorithm = ctk_direct

    package init() {}

    /// A linear layer.
    package static let pointwise: Geometry = {
      var geometry = Geometry()
      (geometry.kernel, geometry.padding, geometry.trailingPadding) = (1, 0, 0)
      return geometry
    }()
  }

  /// What is done to a sum before it is written, in this order.
  package struct Epilogue {
    /// Added to every pixel of an image: `[batch][channels]`.
    package var time: FeatureMap?
    /// Added, pixel by pixel.
    package var residual: FeatureMap?
    /// The whole is divided by it.
    package var divisor: Float = 1
    /// SiLU comes last.
    package var silu = false

    package init() {}
  }

  let name: String
  let inputChannels: Int
  package let outputChannels: Int
  let geometry: Geometry
  private let weights: FloatBuffer
  private let bias: FloatBuffer
  private let zeros: FloatBuffer

  /// Makes a convolution of weights `[outputChannels][inputChannels][kernel][kernel]` and a bias.
  package init(
    name: String, weights: [Float], bias: [Float], inputChannels: Int, geometry: Geometry, context: ComputeContext
  ) {
    self.name = name
    self.inputChannels = inputChannels
    self.geometry = geometry
    outputChannels = bias.count
    self.weights = context.kernels.pack(
      weights, outputChannels: bias.count, inputChannels: inputChannels, taps: geometry.kernel * geometry.kernel,
      algorithm: geometry.algorithm, pool: context.pool)
    self.bias = FloatBuffer(bias)
    zeros = FloatBuffer(count: inputChannels, zeroed: true)
  }

  /// Applies it to an image, or to the concatenation of two along their channels.
  package func callAsFunction(
    _ input: FeatureMap, concatenated second: FeatureMap? = nil, epilogue: Epilogue = Epilogue(),
    in context: ComputeContext
  ) -> FeatureMap {
    precondition(input.channels + (second?.channels ?? 0) == inputChannels, "\(name) got the wrong number of channels")
    let (height, width) = outputSize(height: input.height, width: input.width)
    let output = FeatureMap(
      batch: input.batch, height: height, width: width, channels: outputChannels, from: context.buffers)
    let ready = problem(input, second, epilogue, output)
    context.measure(LayerWork(name, ready), output: output) { run(ready, in: context) }
    return output
  }

  private func run(_ problem: ctk_convolution, in context: ComputeContext) {
    guard geometry.algorithm != ctk_direct else {
      context.pool.forEach(items: problem.items) { context.kernels.convolution(problem, items: $0) }
      return
    }
    let count = problem.winogradSlabCount
    let memory = context.buffers.buffer(count: count * context.pool.threads)
    var rooms = (0..<context.pool.threads).map {
      ctk_winograd_room(transformed: memory.mutable + $0 * count, slab: .max)
    }
    rooms.withUnsafeMutableBufferPointer { rooms in
      guard let first = rooms.baseAddress else { return }
      context.pool.forEach(items: problem.winogradItems) { thread, items in
        context.kernels.winograd(problem, items: items, room: first + thread)
      }
    }
    // The rooms hold bare pointers into it.
    withExtendedLifetime(memory) {}
  }

  private func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
    let scale = geometry.upsample ? 2 : 1, border = geometry.padding + geometry.trailingPadding - geometry.kernel
    return ((height * scale + border) / geometry.stride + 1, (width * scale + border) / geometry.stride + 1)
  }

  private func problem(
    _ input: FeatureMap, _ second: FeatureMap?, _ epilogue: Epilogue, _ output: FeatureMap
  ) -> ctk_convolution {
    var problem = ctk_convolution()
    problem.input = input.buffer.pointer
    problem.input_channels = Int32(input.channels)
    problem.input2 = second?.buffer.pointer
    problem.input2_channels = Int32(second?.channels ?? 0)
    (problem.batch, problem.input_height, problem.input_width) = (
      Int32(input.batch), Int32(input.height), Int32(input.width)
    )
    problem.upsample = geometry.upsample
    (problem.kernel, problem.stride, problem.padding) = (
      Int32(geometry.kernel), Int32(geometry.stride), Int32(geometry.padding)
    )
    (problem.output_height, problem.output_width) = (Int32(output.height), Int32(output.width))
    problem.output_channels = Int32(outputChannels)
    problem.algorithm = geometry.algorithm
    problem.weights = weights.pointer
    problem.zeros = zeros.pointer
    problem.bias = bias.pointer
    problem.time = epilogue.time?.buffer.pointer
    problem.time_stride = Int32(epilogue.time?.channels ?? 0)
    problem.residual = epilogue.residual?.buffer.pointer
    problem.divisor = epilogue.divisor
    problem.silu = epilogue.silu
    problem.output = output.buffer.mutable
    return problem
  }
}

extension Convolution {
  /// Reads `name.weight` and `name.bias`.
  ///
  /// - Parameter level: The size of the output, which with the channels decides the algorithm.
  package init(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, _ geometry: Geometry = Geometry(),
    at level: LevelSize? = nil, from reader: ParameterReader
  ) throws {
    var geometry = geometry
    if let level {
      geometry.choose(inputChannels: inputChannels, outputChannels: outputChannels, level: level)
    }
    self.init(
      name: name,
      weights: try reader.read(
        "\(name).weight", [outputChannels, inputChannels, geometry.kernel, geometry.kernel]),
      bias: try reader.read("\(name).bias", [outputChannels]),
      inputChannels: inputChannels, geometry: geometry, context: reader.context)
  }

  /// Reads the weights of linear layers that have one input, and makes one layer of them, outputs side by side.
  package init(
    linear names: [String], as name: String? = nil, _ inputFeatures: Int, _ outputFeatures: Int,
    from reader: ParameterReader
  ) throws {
    self.init(
      name: name ?? names.joined(separator: "+"),
      weights: try names.flatMap { try reader.read("\($0).weight", [outputFeatures, inputFeatures]) },
      bias: try names.flatMap { try reader.read("\($0).bias", [outputFeatures]) },
      inputChannels: inputFeatures, geometry: .pointwise, context: reader.context)
  }
}

extension Convolution: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let (height, width) = outputSize(height: input.height, width: input.width)
    let output = FeatureShape(channels: outputChannels, height: height, width: width)
    let weights = inputChannels * geometry.kernel * geometry.kernel * outputChannels
    description.add(
      name, kind: geometry.kernel == 1 ? "Linear" : "Conv2d", output, parameters: weights + outputChannels,
      flops: 2 * weights * height * width)
    return output
  }
}
