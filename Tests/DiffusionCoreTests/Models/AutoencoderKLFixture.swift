import DiffusionCore
import Foundation
import TestSupport

/// A small autoencoder with random weights, and what Diffusers makes of some inputs.
struct AutoencoderKLFixture {
  /// Images and latents, and what becomes of them; the same in binary64.
  struct Case {
    let name: String
    let image, moments: Tensor<Float>
    let moments64: Tensor<Double>
    let latents, decoded: Tensor<Float>
    let decoded64: Tensor<Double>
  }

  /// Every fixture; together they cover every option.
  static let names = ["winograd", "no-quant", "odd", "four-levels", "one-level", "gelu"]

  let model: AutoencoderKL
  let file: TensorFile
  let cases: [Case]

  /// The weights of a fixture, with current names.
  static func parameters(_ name: String) throws -> ParameterStore {
    try ParameterStore(opening: "\(Fixtures.folder)/autoencoder/\(name)/diffusion_pytorch_model.safetensors")
      .withCurrentAttentionNames()
  }

  /// The configuration of a fixture.
  static func config(_ name: String) throws -> AutoencoderKLConfig {
    let path = "\(Fixtures.folder)/autoencoder/\(name)/config.json"
    return try AutoencoderKLConfig(json: Data(contentsOf: URL(filePath: path)), file: path)
  }

  init(_ name: String, device: Device = .cpu, threads: Int = 2) throws {
    model = try AutoencoderKL(
      config: Self.config(name), parameters: Self.parameters(name), device: device, threads: threads)
    let file = try TensorFile("autoencoder/\(name)/cases.safetensors")
    self.file = file
    cases = try ["case0", "case1"].map { name in
      Case(
        name: name, image: try file.floats("\(name).image"), moments: try file.floats("\(name).moments"),
        moments64: try file.doubles("\(name).moments64"), latents: try file.floats("\(name).latents"),
        decoded: try file.floats("\(name).decoded"), decoded64: try file.doubles("\(name).decoded64"))
    }
  }
}
