import CTensorKernels
import TensorKernels

/// Group normalisation (Wu and He 2018, arXiv 1803.08494; `torch.nn.GroupNorm`), with what follows it in a residual block.
package struct GroupNorm: Sendable {
  private let name: String
  private let channels: Int
  private let groups: Int
  private let epsilon: Float
  private let gamma: FloatBuffer
  private let beta: FloatBuffer

  /// Reads `name.weight` and `name.bias`.
  package init(_ name: String, channels: Int, groups: Int, epsilon: Double, from reader: ParameterReader) throws {
    self.name = name
    self.channels = channels
    self.groups = groups
    self.epsilon = Float(epsilon)
    gamma = FloatBuffer(try reader.read("\(name).weight", [channels]))
    beta = FloatBuffer(try reader.read("\(name).bias", [channels]))
  }

  /// Normalises an image, or the concatenation of two along their channels.
  ///
  /// - Parameters:
  ///   - time: Scale and shift, `[batch][2 * channels]`: the result is multiplied by 1 + scale and shifted.
  ///   - silu: Whether SiLU comes last.
  package func callAsFunction(
    _ input: FeatureMap, concatenated second: FeatureMap? = nil, time: FeatureMap? = nil, silu: Bool,
    in context: ComputeContext
  ) -> FeatureMap {
    precondition(input.channels + (second?.channels ?? 0) == channels, "\(name) got the wrong number of channels")
    let output = FeatureMap(
      batch: input.batch, height: input.height, width: input.width, channels: channels, from: context.buffers)
    var problem = ctk_group_norm()
    problem.input = input.buffer.pointer
    problem.input_channels = Int32(input.channels)
    problem.input2 = second?.buffer.pointer
    problem.input2_channels = Int32(second?.channels ?? 0)
    problem.batch = Int32(input.batch)
    problem.pixels = Int32(input.pixels)
    problem.groups = Int32(groups)
    problem.epsilon = epsilon
    problem.gamma = gamma.pointer
    problem.beta = beta.pointer
    problem.time = time?.buffer.pointer
    problem.time_stride = Int32(time?.channels ?? 0)
    problem.silu = silu
    problem.output = output.buffer.mutable
    let ready = problem
    context.measure(LayerWork(name, ready, height: input.height, width: input.width), output: output) {
      context.pool.forEach(items: ready.items) { context.kernels.groupNorm(ready, items: $0) }
    }
    return output
  }
}

extension GroupNorm: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let output = FeatureShape(channels: channels, height: input.height, width: input.width)
    description.add(name, kind: "GroupNorm", output, parameters: 2 * channels, flops: 8 * output.count)
    return output
  }
}
