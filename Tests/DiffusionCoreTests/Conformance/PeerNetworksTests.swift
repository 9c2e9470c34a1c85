import DiffusionCore
import Foundation
import TestSupport
import Testing

/// What `Tests/Peers/networks.py` asks for: the predictions of the networks in a folder, whose path it gives in the
/// environment.
@Suite struct PeerNetworksTests {
  private static let folder = ProcessInfo.processInfo.environment["PEER_NETWORKS"]

  /// Each subfolder has `config.json`, weights and `case.safetensors`; it gets the prediction as `ours.npy`, or
  /// `refused.txt`.
  @Test(.enabled(if: folder != nil)) func predictsTheNetworksOfAFolder() throws {
    let folder = try #require(Self.folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
    for name in names.sorted() {
      let place = "\(folder)/\(name)"
      do {
        let output = try predict(place)
        let bits = try predict(place, device: .cpuReference)
        #expect(sameBits(output, bits), "\(name)")
        try Data(output.npyData()).write(to: URL(filePath: "\(place)/ours.npy"))
      } catch let error as DiffusionError {
        try Data(error.message.utf8).write(to: URL(filePath: "\(place)/refused.txt"))
      }
    }
    #expect(!names.isEmpty)
  }

  private func predict(_ place: String, device: Device = .cpu) throws -> Tensor<Float> {
    let unet = try UNet2DModel(
      config: UNet2DModelConfig(json: Data(contentsOf: URL(filePath: "\(place)/config.json"))),
      parameters: ParameterStore(opening: "\(place)/diffusion_pytorch_model.safetensors"), device: device, threads: 2)
    let file = try ParameterStore(opening: "\(place)/case.safetensors")
    func tensor(_ name: String) throws -> Tensor<Float>? {
      try file.shape(of: name).map { try Tensor(shape: $0, scalars: file.read(name, shape: $0)) }
    }
    var input = ModelInput(
      sample: try #require(try tensor("sample")), timestep: try #require(try tensor("timestep")).scalars[0])
    input.conditioning.classLabels = try tensor("labels").map { $0.scalars.map { Int($0) } }
    input.conditioning.classEmbeddings = try tensor("features")
    return try unet(input)
  }
}
