import DiffusionCore
import Foundation
import TestSupport

/// A small autoencoder with a codebook and random weights, and what Diffusers makes of some inputs.
struct VQModelFixture {
  /// Images and latents, and what becomes of them; the same in binary64.
  struct Case {
    let name: String
    let image, encoded: Tensor<Float>
    let encoded64: Tensor<Double>
    let latents, quantized: Tensor<Float>
    let codes: [Int]
    /// Of the quantized latents, and of the latents as they are.
    let decoded, plain: Tensor<Float>
    let decoded64, plain64: Tensor<Double>
  }

  /// Every fixture; together they cover every option.
  static let names = ["group", "attention", "few", "spatial", "one-level", "mish", "relu"]

  let model: VQModel
  let file: TensorFile
  let cases: [Case]

  /// The weights of a fixture, with current names.
  static func parameters(_ name: String) throws -> ParameterStore {
    try ParameterStore(opening: "\(Fixtures.folder)/vq/\(name)/diffusion_pytorch_model.safetensors")
      .withCurrentAttentionNames()
  }

  /// The configuration of a fixture.
  static func config(_ name: String) throws -> VQModelConfig {
    let path = "\(Fixtures.folder)/vq/\(name)/config.json"
    return try VQModelConfig(json: Data(contentsOf: URL(filePath: path)), file: path)
  }

  init(_ name: String, device: Device = .cpu, threads: Int = 2) throws {
    model = try VQModel(
      config: Self.config(name), parameters: Self.parameters(name), device: device, threads: threads)
    let file = try TensorFile("vq/\(name)/cases.safetensors")
    self.file = file
    cases = try ["case0", "case1"].map { name in
      Case(
        name: name, image: try file.floats("\(name).image"), encoded: try file.floats("\(name).encoded"),
        encoded64: try file.doubles("\(name).encoded64"), latents: try file.floats("\(name).latents"),
        quantized: try file.floats("\(name).quantized"),
        codes: try file.floats("\(name).codes").scalars.map { Int($0) },
        decoded: try file.floats("\(name).decoded"), plain: try file.floats("\(name).plain"),
        decoded64: try file.doubles("\(name).decoded64"), plain64: try file.doubles("\(name).plain64"))
    }
  }
}
