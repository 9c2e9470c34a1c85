/// The device whose generator draws a run's noise, independent of the device that computes.
public enum GeneratorDevice: String, Sendable, CaseIterable {
  case cpu, cuda
}

/// A source of a run's noise, which delivers it to the run's device.
package struct NoiseSource {
  private let drawing: (_ shape: [Int]) throws -> Tensor<Float>
  private let generators: [Generator]

  /// Creates a source from a function of the shape.
  package init(drawing: @escaping (_ shape: [Int]) throws -> Tensor<Float>) {
    (self.drawing, generators) = (drawing, [])
  }

  /// Creates a source from one generator for the whole batch, or one for each image; a list of one counts as one.
  /// Generators are refused where `diffusers.utils.torch_utils.randn_tensor` refuses them for a tensor on a device.
  package init(_ generators: [Generator], device: Device) {
    self.generators = generators
    drawing = { try randnTensor($0, generators: generators, device: device) }
  }

  /// Creates a source from the settings' generators. CUDA noise is drawn by the emulated generator and moved to the
  /// device.
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

  /// Whether each image has a generator of its own.
  var drawsForEachImage: Bool { generators.count > 1 }

  /// Draws standard normals, `[batch, ...]`, which advances the generators.
  ///
  /// - Throws: ``DiffusionError`` as ``randnTensor(_:generator:device:as:)``, before anything is drawn.
  package func draw(_ shape: [Int]) throws -> Tensor<Float> { try drawing(shape) }

  /// The state of the generators.
  package var state: [Generator.Snapshot] { generators.map(\.snapshot) }

  /// Restores the state of the generators.
  package func restore(_ state: [Generator.Snapshot]) {
    for (generator, snapshot) in zip(generators, state) { generator.restore(snapshot) }
  }
}
