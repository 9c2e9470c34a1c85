/// The device whose generator draws a run's noise, wherever the run computes.
public enum GeneratorDevice: String, Sendable, CaseIterable {
  case cpu, cuda
}

/// What draws a run's noise, and how it reaches the device that computes.
package struct NoiseSource {
  private let drawing: (_ shape: [Int]) throws -> Tensor<Float>
  private let generators: [Generator]

  /// Draws by a function of the shape.
  package init(drawing: @escaping (_ shape: [Int]) throws -> Tensor<Float>) {
    (self.drawing, generators) = (drawing, [])
  }

  /// One generator for the whole batch, or one for each image; a list of one counts as one. They are refused where
  /// `diffusers.utils.torch_utils.randn_tensor` refuses them for a tensor on a device.
  package init(_ generators: [Generator], device: Device) {
    self.generators = generators
    drawing = { try randnTensor($0, generators: generators, device: device) }
  }

  /// The generators that settings name. Noise of a CUDA generator is drawn by the emulated one and moved to the device.
  package init(_ settings: RunSettings) {
    let generators = settings.seeds.map { seed in
      switch settings.generatorDevice {
      case .cpu: Generator(device: .cpu).manualSeed(seed)
      case .cuda: Generator(device: .cuda(multiprocessors: settings.multiprocessors)).manualSeed(seed)
      }
    }
    self.generators = generators
    drawing = { try drawNoise($0, generators: generators) }
  }

  /// Draws standard normals, `[batch, ...]`, and so consumes the generators.
  ///
  /// - Throws: ``DiffusionError`` as ``randnTensor(_:generator:device:as:)``, before anything is drawn.
  package func draw(_ shape: [Int]) throws -> Tensor<Float> { try drawing(shape) }

  /// Where the generators stand.
  package var state: [Generator.Snapshot] { generators.map(\.snapshot) }

  /// Puts the generators back.
  package func restore(_ state: [Generator.Snapshot]) {
    for (generator, snapshot) in zip(generators, state) { generator.restore(snapshot) }
  }
}
