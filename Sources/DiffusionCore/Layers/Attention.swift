import CTensorKernels
import TensorKernels

/// Self-attention over the pixels of an image, around a residual connection (`diffusers.Attention`, as the UNet's blocks use it).
package struct Attention: Sendable {
  package let name: String
  private let norm: GroupNorm?
  private let queryKeyValue: Convolution
  private let output: Convolution
  private let channels: Int
  private let heads: Int
  private let divisor: Float

  /// Reads the layer's parameters.
  ///
  /// - Parameters:
  ///   - groups: Groups of the norm before it, nil for none.
  ///   - divisor: What the sum with the residual is divided by (`rescale_output_factor`).
  package init(
    _ name: String, channels: Int, groups: Int?, divisor: Double = 1, config: UNet2DModelConfig,
    from reader: ParameterReader
  ) throws {
    self.name = name
    self.channels = channels
    self.divisor = Float(divisor)
    heads = config.attentionHeads(channels: channels)
    norm = try groups.map {
      try GroupNorm("\(name).group_norm", channels: channels, groups: $0, epsilon: config.normEps, from: reader)
    }
    queryKeyValue = try Convolution(
      linear: ["\(name).to_q", "\(name).to_k", "\(name).to_v"], as: "\(name).to_qkv", channels, channels, from: reader)
    output = try Convolution(linear: ["\(name).to_out.0"], channels, channels, from: reader)
  }

  package func callAsFunction(_ input: FeatureMap, in context: ComputeContext) -> FeatureMap {
    let normalized = norm.map { $0(input, silu: false, in: context) } ?? input
    let projected = queryKeyValue(normalized, in: context)
    let attended = FeatureMap(
      batch: input.batch, height: input.height, width: input.width, channels: channels, from: context.buffers)
    attend(projected, into: attended, in: context)
    var epilogue = Convolution.Epilogue()
    epilogue.residual = input
    epilogue.divisor = divisor
    return output(attended, epilogue: epilogue, in: context)
  }

  /// Queries, keys and values lie side by side in each pixel.
  private func attend(_ projected: FeatureMap, into attended: FeatureMap, in context: ComputeContext) {
    let padded = (projected.pixels + 31) / 32 * 32
    let keys = context.buffers.buffer(count: projected.batch * channels * padded)
    var problem = ctk_attention()
    problem.query = projected.buffer.pointer
    problem.key = problem.query + channels
    problem.value = problem.query + 2 * channels
    problem.stride = Int32(3 * channels)
    problem.batch = Int32(projected.batch)
    problem.length = Int32(projected.pixels)
    problem.heads = Int32(heads)
    problem.head_dim = Int32(channels / heads)
    problem.scale = 1 / Float(channels / heads).squareRoot()
    problem.transposed_keys = keys.mutable
    problem.padded_length = Int32(padded)
    problem.output = attended.buffer.mutable
    let ready = problem
    let work = LayerWork("\(name).attention", ready, height: projected.height, width: projected.width)
    context.measure(work, output: attended) {
      context.pool.forEach(items: ready.transposeItems) { context.kernels.transposeKeys(ready, items: $0) }
      context.pool.forEach(items: ready.items) { context.kernels.attention(ready, items: $0) }
    }
    // The problem holds a bare pointer into it.
    withExtendedLifetime(keys) {}
  }
}

extension Attention: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    if let norm { _ = norm.describe(input, in: &description) }
    _ = queryKeyValue.describe(input, in: &description)
    let pixels = input.height * input.width
    description.add(
      "\(name).attention", kind: "Attention", input, parameters: 0, flops: 4 * pixels * pixels * channels)
    return output.describe(input, in: &description)
  }
}
