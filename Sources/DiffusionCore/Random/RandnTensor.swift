/// Draws standard normals as `diffusers.utils.torch_utils.randn_tensor` does with one generator.
///
/// - Parameters:
///   - shape: Extents, the batch first; at most 2^31-1 bytes in all.
///   - generator: Draws the whole batch, and is advanced by it.
///   - device: The device of the tensor.
///   - type: The element type of the tensor.
/// - Throws: ``DiffusionError`` (`usage`): `Cannot generate a cpu tensor from a generator of type cuda.`, or the shape
///   has no batch dimension, a negative extent, or too many elements.
public func randnTensor<Scalar: TensorScalar>(
  _ shape: [Int], generator: Generator, device: Device = .cpu, as type: Scalar.Type = Float.self
) throws -> Tensor<Scalar> {
  try refuse(generator, on: device)
  return try drawNoise(shape, generator: generator, as: type)
}

/// Draws one `[1, ...]` tensor from each generator of a list and concatenates them, as
/// `diffusers.utils.torch_utils.randn_tensor` does.
///
/// A list of one acts as a single generator for the whole batch. Generators beyond the batch are not used.
///
/// - Parameters:
///   - shape: Extents, the batch first; at most 2^31-1 bytes in all.
///   - generators: At least as many as the batch has images, or one.
///   - device: The device of the tensor.
///   - type: The element type of the tensor.
/// - Throws: ``DiffusionError`` (`usage`): as ``randnTensor(_:generator:device:as:)``, or the list is too short.
public func randnTensor<Scalar: TensorScalar>(
  _ shape: [Int], generators: [Generator], device: Device = .cpu, as type: Scalar.Type = Float.self
) throws -> Tensor<Scalar> {
  // Diffusers checks the first generator only; torch.randn itself refuses those of another kind.
  if let first = generators.first {
    try refuse(first, on: device)
    if let other = generators.first(where: { $0.device.type != first.device.type }) {
      throw DiffusionError(
        .usage, "Expected a '\(first.device.type)' device type for generator but found '\(other.device.type)'")
    }
  }
  return try drawNoise(shape, generators: generators, as: type)
}

/// Draws noise with a generator of any kind for a run on the CPU. An emulated CUDA generator draws here and its noise
/// need not be moved, where ``randnTensor(_:generator:device:as:)`` would refuse it.
package func drawNoise<Scalar: TensorScalar>(
  _ shape: [Int], generator: Generator, as type: Scalar.Type = Float.self
) throws -> Tensor<Scalar> {
  guard !shape.isEmpty else {
    throw DiffusionError(.usage, "noise shape [] has no batch dimension; expected [batch, ...]")
  }
  return try generator.randn(shape, as: type)
}

/// Draws noise with a list of generators of any kind, as ``randnTensor(_:generators:device:as:)`` but without refusing
/// CUDA.
package func drawNoise<Scalar: TensorScalar>(
  _ shape: [Int], generators: [Generator], as type: Scalar.Type = Float.self
) throws -> Tensor<Scalar> {
  if let only = generators.first, generators.count == 1 { return try drawNoise(shape, generator: only, as: type) }
  let whole = try NoiseShape(shape, format: .contiguous, size: MemoryLayout<Scalar>.size)
  guard let batch = shape.first else {
    throw DiffusionError(.usage, "noise shape [] has no batch dimension; expected [batch, ...]")
  }
  guard !generators.isEmpty, generators.count >= batch else {
    throw DiffusionError(
      .usage,
      "You have passed a list of generators of length \(generators.count), but requested an effective batch size of "
        + "\(batch). Make sure the batch size matches the length of the generators.")
  }
  var scalars: [Scalar] = []
  scalars.reserveCapacity(whole.count)
  for generator in generators.prefix(batch) {
    scalars += try generator.randn([1] + shape.dropFirst(), as: type).scalars
  }
  return Tensor(unchecked: shape, scalars)
}

/// A CPU generator draws for any device, on the CPU, and its numbers are moved there; a CUDA generator draws for CUDA
/// only.
private func refuse(_ generator: Generator, on device: Device) throws {
  guard generator.device.type == "cuda", generator.device.type != device.type else { return }
  throw DiffusionError(
    .usage, "Cannot generate a \(device.type) tensor from a generator of type \(generator.device.type).")
}

extension Device {
  /// `torch.device.type`: the name up to a colon.
  fileprivate var type: String { String(description.prefix { $0 != ":" }) }
}

extension Generator.Device {
  /// `torch.device.type`.
  fileprivate var type: String {
    switch self {
    case .cpu: "cpu"
    case .cuda: "cuda"
    }
  }
}
