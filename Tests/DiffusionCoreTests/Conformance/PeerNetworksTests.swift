import DiffusionCore
import Foundation
import TestSupport
import Testing

/// What `Tests/Peers/networks.py` and `autoencoders.py` ask for: the outputs of the networks in a folder, whose path
/// they give in the environment.
@Suite struct PeerNetworksTests {
  private static let folder = ProcessInfo.processInfo.environment["PEER_NETWORKS"]

  /// Each subfolder has `config.json`, weights and `case.safetensors`; it gets the outputs, `ours.npy` among them, or
  /// `refused.txt`.
  @Test(.enabled(if: folder != nil)) func predictsTheNetworksOfAFolder() throws {
    let folder = try #require(Self.folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
    for name in names.sorted() {
      let place = "\(folder)/\(name)"
      do {
        let outputs = try PeerNetwork(place, device: .cpu).outputs()
        let others = try PeerNetwork(place, device: .cpuReference).outputs()
        for (file, output) in outputs {
          #expect(try sameBits(output, #require(others[file])), "\(name), \(file)")
          try Data(output.npyData()).write(to: URL(filePath: "\(place)/\(file).npy"))
        }
      } catch let error as DiffusionError {
        try Data(error.message.utf8).write(to: URL(filePath: "\(place)/refused.txt"))
      }
    }
    #expect(!names.isEmpty)
  }
}

/// A network of a peer's folder, of any class, and its inputs.
private struct PeerNetwork {
  private let device: Device
  private let json: Data
  private let parameters: ParameterStore
  private let file: ParameterStore

  init(_ place: String, device: Device) throws {
    self.device = device
    json = try Data(contentsOf: URL(filePath: "\(place)/config.json"))
    parameters = try ParameterStore(opening: "\(place)/diffusion_pytorch_model.safetensors")
    file = try ParameterStore(opening: "\(place)/case.safetensors")
  }

  /// Its outputs, by the names of their files.
  func outputs() throws -> [String: Tensor<Float>] {
    let text = String(decoding: json, as: UTF8.self)
    if text.contains("\"VQModel\"") { return try quantized() }
    return try text.contains("\"AutoencoderKL\"") ? decoded() : ["ours": predicted()]
  }

  private func tensor(_ name: String) throws -> Tensor<Float>? {
    try file.shape(of: name).map { try Tensor(shape: $0, scalars: file.read(name, shape: $0)) }
  }

  private func predicted() throws -> Tensor<Float> {
    let unet = try UNet2DModel(
      config: UNet2DModelConfig(json: json), parameters: parameters, device: device, threads: 2)
    var input = ModelInput(
      sample: try #require(try tensor("sample")), timestep: try #require(try tensor("timestep")).scalars[0])
    input.conditioning.classLabels = try tensor("labels").map { $0.scalars.map { Int($0) } }
    input.conditioning.classEmbeddings = try tensor("features")
    return try unet(input)
  }

  private func decoded() throws -> [String: Tensor<Float>] {
    let model = try AutoencoderKL(
      config: AutoencoderKLConfig(json: json), parameters: parameters, device: device, threads: 2)
    let encoded = try model.encode(#require(try tensor("sample")))
    let halves = (0..<encoded.mean.shape[0]).flatMap { image -> [Float] in
      let count = encoded.mean.scalars.count / encoded.mean.shape[0], range = image * count..<(image + 1) * count
      return Array(encoded.mean.scalars[range] + encoded.logVariance.scalars[range])
    }
    var shape = encoded.mean.shape
    shape[1] *= 2
    return [
      "encoded": try Tensor(shape: shape, scalars: halves),
      "ours": try model.decode(#require(try tensor("latents"))),
    ]
  }

  private func quantized() throws -> [String: Tensor<Float>] {
    let model = try VQModel(config: VQModelConfig(json: json), parameters: parameters, device: device, threads: 2)
    return [
      "encoded": try model.encode(#require(try tensor("sample"))),
      "ours": try model.decode(#require(try tensor("latents"))),
    ]
  }
}
