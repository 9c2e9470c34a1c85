import CTensorKernels
import TensorKernels
import TestSupport

extension CrossCheckProblem {
  /// The bits of the output.
  func run(on set: any KernelSet, pool: ThreadPool) throws -> [UInt32] {
    switch kind {
    case .convolution: try convolution(on: set, pool: pool)
    case .groupNorm: try groupNorm(on: set)
    case .layerNorm: try layerNorm(on: set)
    case .activation: try activation(on: set)
    case .attention: try attention(on: set)
    case .crossAttention: try crossAttention(on: set)
    case .resample: try resample(on: set)
    case .modulation: try modulation(on: set)
    }
  }

  private static let algorithms: [ConvolutionAlgorithm] = [.direct, .winograd2x2, .winograd4x4]

  private var convolutionShape: ctk_convolution {
    let n = numbers.map(Int32.init), scale = 1 + n[9]
    var p = ctk_convolution()
    (p.batch, p.input_height, p.input_width) = (n[0], n[1], n[2])
    (p.input_channels, p.input2_channels) = (n[3], n[4])
    (p.output_channels, p.kernel, p.stride, p.padding, p.upsample) = (n[5], n[6], n[7], n[8], n[9] == 1)
    p.output_height = (n[1] * scale + 2 * n[8] - n[6]) / n[7] + 1
    p.output_width = (n[2] * scale + 2 * n[8] - n[6]) / n[7] + 1
    p.algorithm = Self.algorithms[numbers[11]].ctk
    p.divisor = 1
    return p
  }

  private func convolution(on set: any KernelSet, pool: ThreadPool) throws -> [UInt32] {
    var p = convolutionShape, inputs = CrossCheckInputs(seed: seed)
    let (batch, first, second, output, kernel) = (numbers[0], numbers[3], numbers[4], numbers[5], numbers[6])
    let pixels = batch * numbers[1] * numbers[2], channels = first + second
    let input = try inputs.filled(pixels * first, rare), input2 = try inputs.filled(pixels * second, rare)
    let weights = try inputs.filled(output * channels * kernel * kernel, rare / 8)
    let (bias, time) = (try inputs.filled(output, rare), try inputs.filled(batch * output, rare))
    let outputs = batch * Int(p.output_height * p.output_width) * output
    let residual = try inputs.filled(outputs, rare), zeros = try FloatBuffer(count: channels, zeroed: true)
    var shape = ConvolutionShape(inputChannels: channels, outputChannels: output, kernel: kernel)
    shape.algorithm = Self.algorithms[numbers[11]]
    let packed = try set.pack(weights.elements, for: shape, pool: pool, allocator: SystemAllocator())
    let result = try FloatBuffer(count: outputs, zeroed: true)
    (p.input, p.input2) = (input.pointer, second > 0 ? input2.pointer : nil)
    (p.weights, p.zeros, p.output) = (packed.pointer, zeros.pointer, result.mutable)
    if numbers[10] == 1 {
      (p.bias, p.time, p.time_stride, p.residual) = (bias.pointer, time.pointer, Int32(output), residual.pointer)
      (p.divisor, p.silu) = (1.5, true)
    }
    return try withExtendedLifetime((input, input2, packed, bias, time, residual, zeros)) {
      try convolve(p, on: set)
      return bits(result)
    }
  }

  private func convolve(_ problem: ctk_convolution, on set: any KernelSet) throws {
    guard problem.algorithm != ctk_direct else { return set.convolution(problem, items: 0..<problem.items) }
    let transformed = try FloatBuffer(count: problem.winogradSlabCount)
    var workspace = ctk_winograd_workspace(transformed: transformed.mutable, slab: .max)
    withExtendedLifetime(transformed) {
      set.winograd(problem, items: 0..<problem.winogradItems, workspace: &workspace)
    }
  }

  private func groupNorm(on set: any KernelSet) throws -> [UInt32] {
    let (batch, pixels, first, second) = (numbers[0], numbers[1], numbers[2], numbers[3]), channels = first + second
    var inputs = CrossCheckInputs(seed: seed)
    let input = try inputs.filled(batch * pixels * first, rare),
      input2 = try inputs.filled(batch * pixels * second, rare)
    let (gamma, beta) = (try inputs.filled(channels, rare), try inputs.filled(channels, rare))
    let time = try inputs.filled(batch * 2 * channels, rare)
    let result = try FloatBuffer(count: batch * pixels * channels, zeroed: true)
    var p = ctk_group_norm()
    (p.input, p.input2) = (input.pointer, second > 0 ? input2.pointer : nil)
    (p.input_channels, p.input2_channels) = (Int32(first), Int32(second))
    (p.batch, p.pixels, p.groups, p.epsilon) = (Int32(batch), Int32(pixels), Int32(numbers[4]), 0x1p-17)
    (p.gamma, p.beta, p.output) = (gamma.pointer, beta.pointer, result.mutable)
    (p.time, p.time_stride, p.silu) = (numbers[5] == 1 ? time.pointer : nil, Int32(2 * channels), numbers[5] == 1)
    return withExtendedLifetime((input, input2, gamma, beta, time)) {
      set.groupNorm(p, items: 0..<p.items)
      return bits(result)
    }
  }

  private func layerNorm(on set: any KernelSet) throws -> [UInt32] {
    let (pixels, channels) = (numbers[0], numbers[1])
    var inputs = CrossCheckInputs(seed: seed)
    let input = try inputs.filled(pixels * channels, rare)
    let (gamma, beta) = (try inputs.filled(channels, rare), try inputs.filled(channels, rare))
    let result = try FloatBuffer(count: pixels * channels, zeroed: true)
    let p = ctk_layer_norm(
      input: input.pointer, pixels: pixels, channels: Int32(channels), epsilon: 0x1p-17, gamma: gamma.pointer,
      beta: beta.pointer, output: result.mutable)
    return withExtendedLifetime((input, gamma, beta)) {
      set.layerNorm(p, items: 0..<p.items)
      return bits(result)
    }
  }

  private static let functions = [ctk_silu, ctk_gelu, ctk_quick_gelu, ctk_mish, ctk_relu, ctk_tanh_gelu]

  private func activation(on set: any KernelSet) throws -> [UInt32] {
    let (pixels, channels, gated) = (numbers[0], numbers[1], numbers[3] == 1)
    var inputs = CrossCheckInputs(seed: seed)
    // From -8 to 8, where the functions bend.
    let input = try FloatBuffer(
      inputs.filled(pixels * channels * (gated ? 2 : 1), rare).elements.map { $0 * 8 })
    let result = try FloatBuffer(count: pixels * channels, zeroed: true)
    let p = ctk_activation(
      function: Self.functions[numbers[2]], gated: gated, input: input.pointer, channels: Int32(channels),
      count: pixels * channels, output: result.mutable)
    return withExtendedLifetime(input) {
      set.activation(p, items: 0..<p.items)
      return bits(result)
    }
  }

  private static let resamplings: [Resampling.Kind] = [.nearest, .average, .filterUp, .filterDown]

  private func resample(on set: any KernelSet) throws -> [UInt32] {
    let (batch, height, width, channels) = (numbers[0], numbers[1], numbers[2], numbers[3])
    let kind = Self.resamplings[numbers[4]], size = Resampling(kind).outputSize(height: height, width: width)
    var inputs = CrossCheckInputs(seed: seed)
    let input = try inputs.filled(batch * height * width * channels, rare)
    let result = try FloatBuffer(count: batch * size.height * size.width * channels, zeroed: true)
    let p = ctk_resample(
      kind: kind.ctk, reflects: numbers[5] == 1, input: input.pointer, batch: Int32(batch),
      input_height: Int32(height), input_width: Int32(width), channels: Int32(channels),
      output_height: Int32(size.height), output_width: Int32(size.width), output: result.mutable)
    return withExtendedLifetime(input) {
      set.resample(p, items: 0..<p.items)
      return bits(result)
    }
  }

  private func modulation(on set: any KernelSet) throws -> [UInt32] {
    let (batch, pixels, channels, gates) = (numbers[0], numbers[1], numbers[2], numbers[3] == 1)
    let count = batch * pixels * channels
    var inputs = CrossCheckInputs(seed: seed)
    let input = try inputs.filled(count, rare), vectors = try inputs.filled(2 * batch * channels, rare)
    let residual = try inputs.filled(count, rare), result = try FloatBuffer(count: count, zeroed: true)
    let p = ctk_modulation(
      input: input.pointer, batch: Int32(batch), pixels: Int32(pixels), channels: Int32(channels),
      factor: vectors.pointer + channels, factor_stride: Int32(2 * channels), adds_one: !gates,
      term: gates ? residual.pointer : vectors.pointer,
      term_image_stride: gates ? pixels * channels : 2 * channels, term_pixel_stride: gates ? channels : 0,
      output: result.mutable)
    return withExtendedLifetime((input, vectors, residual)) {
      set.modulation(p, items: 0..<p.items)
      return bits(result)
    }
  }

  private func crossAttention(on set: any KernelSet) throws -> [UInt32] {
    let (batch, queries, keys, heads, dim) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
    let inner = heads * dim
    var inputs = CrossCheckInputs(seed: seed)
    let query = try inputs.filled(batch * queries * inner, rare)
    let tokens = try inputs.filled(batch * keys * 2 * inner, rare)
    let result = try FloatBuffer(count: batch * queries * inner, zeroed: true)
    var p = ctk_attention()
    (p.query, p.key, p.value) = (query.pointer, tokens.pointer, tokens.pointer + inner)
    (p.query_stride, p.key_stride, p.value_stride) = (Int32(inner), Int32(2 * inner), Int32(2 * inner))
    (p.batch, p.queries, p.keys) = (Int32(batch), Int32(queries), Int32(keys))
    (p.heads, p.head_dim, p.scale, p.causal) = (Int32(heads), Int32(dim), 3, numbers[5] == 1)
    p.output = result.mutable
    return try withExtendedLifetime((query, tokens)) {
      try set.attend(p)
      return bits(result)
    }
  }

  private func attention(on set: any KernelSet) throws -> [UInt32] {
    let (batch, length, heads, dim) = (numbers[0], numbers[1], numbers[2], numbers[3]), inner = heads * dim
    var inputs = CrossCheckInputs(seed: seed)
    let projected = try inputs.filled(batch * length * 3 * inner, rare)
    let result = try FloatBuffer(count: batch * length * inner, zeroed: true)
    var p = ctk_attention()
    (p.query, p.key, p.value) = (projected.pointer, projected.pointer + inner, projected.pointer + 2 * inner)
    (p.query_stride, p.key_stride, p.value_stride) = (Int32(3 * inner), Int32(3 * inner), Int32(3 * inner))
    (p.batch, p.queries, p.keys) = (Int32(batch), Int32(length), Int32(length))
    (p.heads, p.head_dim, p.scale, p.output) = (Int32(heads), Int32(dim), 3, result.mutable)
    return try withExtendedLifetime(projected) {
      try set.attend(p)
      return bits(result)
    }
  }
}
