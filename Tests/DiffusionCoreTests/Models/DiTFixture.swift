import DiffusionCore
import Foundation
import TestSupport
import Testing

/// A small transformer with random weights, and Diffusers' outputs for some inputs (`generate_dit.py`).
struct DiTFixture {
  /// An input and its output.
  struct Case {
    let name: String
    let input: ModelInput
    let output: Tensor<Float>
    /// The same model in binary64.
    let output64: Tensor<Double>
  }

  /// Every fixture; together they cover every option.
  static let names = ["plain", "variance", "pixels", "gelu", "geglu", "quick", "swiglu", "silu"]

  let model: DiTTransformer2DModel
  /// Of two, one and three images of the configuration's size, then one of another size.
  let cases: [Case]
  /// The positions of the patches, `[patches, channels]`.
  let positions: Tensor<Float>

  init(_ name: String, device: Device = .cpu, threads: Int = 2) throws {
    let folder = "\(Fixtures.folder)/dit/\(name)"
    model = try DiTTransformer2DModel(
      config: DiTTransformer2DModelConfig(json: Data(contentsOf: URL(filePath: "\(folder)/config.json"))),
      parameters: ParameterStore(opening: "\(folder)/diffusion_pytorch_model.safetensors"), device: device,
      threads: threads)
    let file = try TensorFile("dit/\(name)/cases.safetensors")
    let own = model.config.sampleSize, other = own + 3 * model.config.patchSize
    cases = try ["batch2_side\(own)", "batch1_side\(own)", "batch3_side\(own)", "batch1_side\(other)"].map { name in
      let labels = try file.doubles("\(name).labels").scalars.map { Int($0) }
      return Case(
        name: name,
        input: ModelInput(
          sample: try file.floats("\(name).sample"),
          timestep: Float(try file.doubles("\(name).timestep").scalars[0]),
          conditioning: ModelInput.Conditioning(classLabels: labels)),
        output: try file.floats("\(name).output"), output64: try file.doubles("\(name).output64"))
    }
    positions = try file.floats("positions")
  }
}

/// A run of `generate_dit.py`.
struct DiTRun: Decodable, Sendable, CustomTestStringConvertible {
  /// The folder of the model beside the runs.
  let model: String
  let classes, seeds: [Int]?
  let guidance: Double?
  let steps: Int?
  let scheduler: String?
  let latents, images: [Int]
  let states: [String]

  static let folder = "\(Fixtures.folder)/dit"
  static let all =
    (try? JSONDecoder().decode([Self].self, from: Data(contentsOf: URL(filePath: "\(folder)/runs.json")))) ?? []

  var testDescription: String {
    "\(model): classes \(classes ?? [1]) guidance \(guidance ?? 4) \(scheduler ?? "own scheduler") "
      + "seeds \(seeds ?? [0])"
  }

  var settings: RunSettings {
    RunSettings(
      seeds: (seeds ?? [0]).map { Seed($0) }, batchSize: classes?.count ?? 1, steps: steps ?? 10, threads: 2,
      scheduler: scheduler, guidanceScale: guidance, classLabels: (classes ?? [1]).map(ClassLabel.number))
  }

  /// Diffusers' latents and images after the last step.
  static func expected(_ index: Int) throws -> (latents: [Float], images: [Float]) {
    func range(_ shape: KeyPath<Self, [Int]>) -> Range<Int> {
      let counts = all.map { $0[keyPath: shape].reduce(1, *) }, start = counts[..<index].reduce(0, +)
      return start..<start + counts[index]
    }
    let latents = try Data(contentsOf: URL(filePath: "\(folder)/latents.bin")).withUnsafeBytes { bytes in
      range(\.latents).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    }
    let images = try Data(contentsOf: URL(filePath: "\(folder)/images.bin")).withUnsafeBytes { bytes in
      range(\.images).map {
        Float(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self))) / 65535
      }
    }
    return (latents, images)
  }
}
