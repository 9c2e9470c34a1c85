import DiffusionCore
import Foundation
import TestSupport

/// A fixture's model with some of its weights changed.
enum AlteredModel {
  /// The parameters of a fixture, with new values for those that `change` returns.
  static func parameters(
    of fixture: String, scratch: ScratchFolder, change: (_ name: String, _ values: [Float]) -> [Float]?
  ) throws -> ParameterStore {
    let store = try ParameterStore(
      opening: "\(Fixtures.folder)/unet/\(fixture)/unet/diffusion_pytorch_model.safetensors")
    return try ParameterStore(opening: scratch.write(float32(store, change: change), "altered.safetensors"))
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

  /// Stable Diffusion with a parameter of a component, in 16 bits there, so large that its layer overflows.
  static func stableDiffusion(overflowing parameter: String, of component: String) throws -> DiffusionPipeline {
    let scratch = try ScratchFolder(), folder = "\(scratch.path)/model/\(component)"
    try FileManager.default.copyItem(
      atPath: "\(Fixtures.folder)/stable-diffusion/sd1", toPath: "\(scratch.path)/model")
    let name = component == "text_encoder" ? "model" : "diffusion_pytorch_model"
    let store = try ParameterStore(opening: "\(folder)/\(name).fp16.safetensors")
    try FileManager.default.removeItem(atPath: "\(folder)/\(name).fp16.safetensors")
    try scratch.write(
      float32(store) { $0 == parameter ? $1.map { _ in 3e38 } : nil }, "model/\(component)/\(name).safetensors")
    return try DiffusionPipeline.fromPretrained("\(scratch.path)/model", threads: 1)
  }

  /// A file of all tensors as F32, with new values for those that `change` returns.
  private static func float32(
    _ store: ParameterStore, change: (_ name: String, _ values: [Float]) -> [Float]?
  ) throws -> [UInt8] {
    var header: [String] = [], data: [UInt8] = []
    for name in store.names {
      guard let shape = store.shape(of: name) else { continue }
      let values = try store.read(name, shape: shape), end = data.count + 4 * values.count
      header.append(#""\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(data.count),\#(end)]}"#)
      (change(name, values) ?? values).withUnsafeBytes { data += $0 }
    }
    return SafeTensorsBytes.file(header: "{\(header.joined(separator: ","))}", data: data)
  }
}
