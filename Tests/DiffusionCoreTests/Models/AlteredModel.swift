import DiffusionCore
import Foundation
import TestSupport

/// A fixture's model with some of its weights changed.
enum AlteredModel {
  /// The parameters of a fixture, with new values for those that `change` returns.
  static func parameters(
    of fixture: String, scratch: ScratchFolder, change: (_ name: String, _ values: [Float]) -> [Float]?
  ) throws -> ParameterStore {
    let path = "\(Fixtures.folder)/unet/\(fixture)/unet/diffusion_pytorch_model.safetensors"
    let store = try ParameterStore(opening: path)
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let dataStart = 8 + bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    for (name, entry) in try SafeTensorsFile(opening: path).tensors {
      guard let values = change(name, try store.read(name, shape: entry.shape)) else { continue }
      let range = dataStart + entry.bytes.lowerBound..<dataStart + entry.bytes.upperBound
      bytes.replaceSubrange(range, with: values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
    }
    return try ParameterStore(opening: scratch.write(bytes, "altered.safetensors"))
  }

  /// A pipeline of a fixture with one parameter replaced by a constant.
  static func pipeline(_ fixture: String, filling name: String, with value: Float) throws -> DiffusionPipeline {
    let whole = try DDIMPipeline.fromPretrained("\(Fixtures.folder)/unet/\(fixture)", threads: 1)
    let parameters = try parameters(of: fixture, scratch: ScratchFolder()) {
      $0 == name ? $1.map { _ in value } : nil
    }
    let unet = try UNet2DModel(config: whole.unet.config, parameters: parameters, threads: 1)
    return try DiffusionPipeline(unet: unet, scheduler: DDIMScheduler())
  }
}
