import DiffusionCore
import Foundation
import TestSupport
import Testing

/// A decoder of a configuration that does not read an option takes the option's default. For every option of every
/// class some fixture shows that: without the option, it no longer opens, or its output is another.
@Suite("An option that is not read makes a fixture fail") struct DroppedOptionTests {
  /// What a network with some configuration gives, each beside what Diffusers gives.
  typealias Outputs = (_ json: Data) throws -> [(found: Tensor<Float>, expected: Tensor<Float>)]

  /// A class of networks with its fixtures.
  struct Network: Sendable, CustomTestStringConvertible {
    let name: String
    /// The folders of the fixtures.
    let folders: [String]
    /// Options that no output shows, each with the reason.
    let unseen: [String: String]
    /// Opens the inputs of a fixture; the function has the outputs with a configuration, and those of Diffusers.
    let open: @Sendable (_ folder: String) throws -> Outputs

    var testDescription: String { name }
  }

  static let networks = [
    Network(
      name: "UNet2DModel", folders: UNetFixture.names.map { $0 == "flat-ddpm" ? "unet/\($0)" : "unet/\($0)/unet" },
      unseen: ["dropout": "it does nothing at inference", "sample_size": "it is the size of the noise"],
      open: unet),
    Network(
      name: "VQModel", folders: VQModelFixture.names.map { "vq/\($0)" },
      unseen: [
        "force_upcast": "everything is float32", "sample_size": "any size runs",
        "scaling_factor": "pipelines apply it (LatentDiffusionTests)",
        "lookup_from_codebook": "it only refuses (VQModelTests.lookup)",
      ], open: quantized),
    Network(
      name: "AutoencoderKL", folders: AutoencoderKLFixture.names.map { "autoencoder/\($0)" },
      unseen: [
        "force_upcast": "everything is float32", "sample_size": "any size runs",
        "scaling_factor": "pipelines apply it (StableDiffusionTests)", "shift_factor": "pipelines apply it",
        "latents_mean": "pipelines apply it", "latents_std": "pipelines apply it",
      ], open: decoded),
    Network(
      name: "DiTTransformer2DModel", folders: DiTFixture.names.map { "dit/\($0)" },
      unseen: [
        "dropout": "it does nothing at inference", "upcast_attention": "everything is float32",
        "norm_num_groups": "its norms have no groups", "norm_type": "it is ada_norm_zero, or refused",
      ], open: transformer),
  ]

  @Test(arguments: networks) func everyOption(_ network: Network) throws {
    var missed: Set<String> = [], seen: [String: String] = [:]
    for folder in network.folders {
      let path = URL(filePath: "\(Fixtures.folder)/\(folder)/config.json")
      let outputs = try network.open(folder)
      try #require(!fails(outputs, Data(contentsOf: path)), "\(folder) as it is")
      let values = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any])
      for key in values.keys where !key.hasPrefix("_") && seen[key] == nil && network.unseen[key] == nil {
        let json = try JSONSerialization.data(withJSONObject: values.filter { $0.key != key })
        if fails(outputs, json) { seen[key] = folder } else { missed.insert(key) }
      }
    }
    print("measured: \(network.name): \(seen.count) options, each seen in a fixture's output or in what it refuses")
    #expect(missed.subtracting(seen.keys).sorted() == [])
    #expect(seen.count > 10)
  }

  /// Whether a fixture no longer opens, or has an output that is far from Diffusers'.
  private func fails(_ outputs: Outputs, _ json: Data) -> Bool {
    guard let pairs = try? outputs(json) else { return true }
    return pairs.contains { found, expected in
      guard found.shape == expected.shape else { return true }
      let largest = expected.scalars.map(\.magnitude).max() ?? 1
      return largestDifference(found, expected) > 1e-3 * Double(largest)
    }
  }

  private static func parameters(_ folder: String) throws -> ParameterStore {
    let path = "\(Fixtures.folder)/\(folder)/diffusion_pytorch_model.safetensors"
    let whole = FileManager.default.fileExists(atPath: path)
    let store = try whole ? ParameterStore(opening: path) : ParameterStore(openingShardsOf: path + ".index.json")
    return try store.withCurrentAttentionNames()
  }

  private static func name(_ folder: String) -> String { String(folder.split(separator: "/")[1]) }

  @Sendable private static func unet(_ folder: String) throws -> Outputs {
    let cases = try UNetFixture(name(folder)).cases, parameters = try parameters(folder)
    return { json in
      let model = try UNet2DModel(config: UNet2DModelConfig(json: json), parameters: parameters, threads: 1)
      return try cases.map { (try model($0.input), $0.output) }
    }
  }

  @Sendable private static func quantized(_ folder: String) throws -> Outputs {
    let item = try VQModelFixture(name(folder)).cases[0], parameters = try parameters(folder)
    return { json in
      let model = try VQModel(config: VQModelConfig(json: json), parameters: parameters, threads: 1)
      return [(try model.encode(item.image), item.encoded), (try model.decode(item.latents), item.decoded)]
    }
  }

  @Sendable private static func decoded(_ folder: String) throws -> Outputs {
    let item = try AutoencoderKLFixture(name(folder)).cases[0], parameters = try parameters(folder)
    let mean = DiagonalGaussian(moments: item.moments).mean
    return { json in
      let model = try AutoencoderKL(config: AutoencoderKLConfig(json: json), parameters: parameters, threads: 1)
      return [(try model.encode(item.image).mean, mean), (try model.decode(item.latents), item.decoded)]
    }
  }

  @Sendable private static func transformer(_ folder: String) throws -> Outputs {
    let cases = try DiTFixture(name(folder)).cases, parameters = try parameters(folder)
    return { json in
      let model = try DiTTransformer2DModel(
        config: DiTTransformer2DModelConfig(json: json), parameters: parameters, threads: 1)
      return try cases.map { (try model($0.input), $0.output) }
    }
  }
}
