/// The device whose generator draws a run's noise, wherever the run computes.
public enum GeneratorDevice: String, Sendable, CaseIterable {
  case cpu, cuda
}

/// Who draws a run's noise, and how it reaches the device that computes.
package struct NoiseSource {
  private let drawing: (_ shape: [Int]) throws -> Tensor<Float>

  /// Draws by a function of the shape.
  package init(drawing: @escaping (_ shape: [Int]) throws -> Tensor<Float>) { self.drawing = drawing }

  /// One generator for the whole batch, refused where `diffusers.utils.torch_utils.randn_tensor` refuses it.
  package init(_ generator: Generator) {
    self.init { try randnTensor($0, generator: generator) }
  }

  /// One generator for each image, refused where `randn_tensor` refuses them.
  package init(_ generators: [Generator]) {
    self.init { try randnTensor($0, generators: generators) }
  }

  /// The generators that settings name. CUDA noise for a CPU run is drawn by the emulated generator and moved.
  package init(_ settings: RunSettings) {
    let generators = settings.seeds.map { seed in
      switch settings.generatorDevice {
      case .cpu: Generator(device: .cpu).manualSeed(seed)
      case .cuda: Generator(device: .cuda(multiprocessors: settings.multiprocessors)).manualSeed(seed)
      }
    }
    self.init { try drawNoise($0, generators: generators) }
  }

  /// Draws standard normals, `[batch, ...]`, and so consumes the generators.
  ///
  /// - Throws: ``DiffusionError`` as ``randnTensor(_:generator:device:as:)``, before anything is drawn.
  package func draw(_ shape: [Int]) throws -> Tensor<Float> { try drawing(shape) }
}
