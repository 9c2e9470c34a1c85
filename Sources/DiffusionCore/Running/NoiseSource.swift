/// The device whose generator draws a run's noise, independent of the device that computes.
public enum GeneratorDevice: String, Sendable, CaseIterable {
  /// PyTorch's generator of the CPU, a Mersenne Twister.
  case cpu
  /// That of CUDA, Philox, whose noise depends on the card.
  case cuda
}

/// A source of a run's noise, which delivers it to the run's device.
package struct NoiseSource {
  private let drawing: (_ shape: [Int]) throws -> Tensor<Float>
  private let generators: [Generator]
  /// Draw seeds: the generators themselves, or for CUDA ones of the CPU with the same seeds.
  private let seeders: [Generator]

  /// Creates a source from a function of the shape.
  package init(drawing: @escaping (_ shape: [Int]) throws -> Tensor<Float>) {
    (self.drawing, generators, seeders) = (drawing, [], [])
  }

  /// Creates a source from one generator for the whole batch, or one for each image; a list of one counts as one.
  /// Generators are refused where `diffusers.utils.torch_utils.randn_tensor` refuses them for a tensor on a device.
  package init(_ generators: [Generator], device: Device) {
    (self.generators, seeders) = (generators, Self.seeders(of: generators))
    drawing = { try randnTensor($0, generators: generators, device: device) }
  }

  /// Creates a source from the settings' generators. CUDA noise is drawn by the emulated generator and moved to the
  /// device.
  package init(_ settings: RunSettings) {
    let generators = settings.seeds.map { Generator(device: settings.noiseDevice).manualSeed($0) }
    (self.generators, seeders) = (generators, Self.seeders(of: generators))
    drawing = { try drawNoise($0, generators: generators) }
  }

  private static func seeders(of generators: [Generator]) -> [Generator] {
    generators.map { $0.device == .cpu ? $0 : Generator().manualSeed($0.initialSeed) }
  }

  /// The device whose generators draw.
  var device: Generator.Device { generators.first?.device ?? .cpu }

  /// Draws a seed from each generator, in Diffusers from PyTorch's global one: that of the CPU, which
  /// `torch.manual_seed` seeds like that of CUDA.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) where there is no generator.
  func seeds() throws -> [UInt64] {
    let seeds = seeders.compactMap { $0.seedOfNoise() }
    guard seeds.isEmpty else { return seeds }
    throw DiffusionError(.usage, "noise_sampler_seed is null and the run has no generator: set noise_sampler_seed")
  }

  /// Whether each image has a generator of its own.
  var drawsForEachImage: Bool { generators.count > 1 }

  /// Draws standard normals, `[batch, ...]`, which advances the generators.
  ///
  /// - Throws: ``DiffusionError`` as ``randnTensor(_:generator:device:as:)``, before anything is drawn.
  package func draw(_ shape: [Int]) throws -> Tensor<Float> { try drawing(shape) }

  /// The state of the generators.
  package var state: [Generator.Snapshot] { (generators + seeders).map(\.snapshot) }

  /// Restores the state of the generators.
  package func restore(_ state: [Generator.Snapshot]) {
    for (generator, snapshot) in zip(generators + seeders, state) { generator.restore(snapshot) }
  }
}
