import DiffusionCore
import Foundation
import TestSupport

/// A small conditional UNet with random weights, and Diffusers' outputs for some inputs.
struct UNetConditionFixture {
  /// An input and its output.
  struct Case {
    let name: String
    let input: ModelInput
    let output: Tensor<Float>
    /// The same model in binary64.
    let output64: Tensor<Double>
  }

  /// Every fixture; together they cover every option of the UNet.
  static let names = [
    "sd1", "sd1-winograd", "sd2", "lcm", "classes", "class-timestep", "class-identity", "class-projection",
    "class-simple-projection", "class-concat", "deep", "only-cross", "plain-middle", "scale-shift", "kernels",
    "three-groups", "unclip", "unclip-winograd", "unclip-only", "unclip-mixed",
  ]

  /// Those with transformers, whose attention to the text has maps.
  static let mapped = names.filter { !$0.hasPrefix("unclip") || $0 == "unclip-mixed" }

  let unet: UNet2DConditionModel
  let cases: [Case]
  /// The outputs of the blocks and the transformers for the first case, by their names.
  let stages: [String: Tensor<Float>]
  /// The softmax weights of the attentions to the text for the first case, averaged over the heads, by their names.
  let maps: [String: Tensor<Float>]

  init(_ name: String, device: Device = .cpu, threads: Int = 2) throws {
    let folder = "\(Fixtures.folder)/unet_condition/\(name)"
    unet = try UNet2DConditionModel(
      config: UNet2DConditionModelConfig(json: Data(contentsOf: URL(filePath: "\(folder)/config.json"))),
      parameters: ParameterStore(opening: "\(folder)/diffusion_pytorch_model.safetensors"), device: device,
      threads: threads)
    let file = try TensorFile("unet_condition/\(name)/cases.safetensors"), names = Set(file.names)
    cases = try ["batch2_tokens5", "batch1_tokens3", "batch3_tokens7", "batch1_tokens4"].map { name in
      func floats(_ key: String) throws -> Tensor<Float>? {
        names.contains("\(name).\(key)") ? try file.floats("\(name).\(key)") : nil
      }
      let labels = names.contains("\(name).labels") ? try file.doubles("\(name).labels").scalars.map { Int($0) } : nil
      let timestep = try file.doubles("\(name).timestep").scalars[0]
      let conditioning = ModelInput.Conditioning(
        classLabels: labels, classEmbeddings: try floats("features"), encoderHiddenStates: try floats("states"),
        timestepConditioning: try floats("condition"), encoderAttentionMask: try floats("mask"))
      return Case(
        name: name,
        input: ModelInput(
          sample: try file.floats("\(name).sample"), timestep: Float(timestep), conditioning: conditioning),
        output: try file.floats("\(name).output"), output64: try file.doubles("\(name).output64"))
    }
    func tensors(_ prefix: String) throws -> [String: Tensor<Float>] {
      try names.filter { $0.hasPrefix(prefix) }.reduce(into: [:]) { tensors, name in
        tensors[String(name.dropFirst(prefix.count))] = try file.floats(name)
      }
    }
    (stages, maps) = (try tensors("stages."), try tensors("maps."))
  }

  /// Image `index` of an input.
  static func image(_ index: Int, of input: ModelInput) throws -> ModelInput {
    func row(_ tensor: Tensor<Float>?) throws -> Tensor<Float>? { try tensor?.images(index..<index + 1) }
    var image = input
    image.sample = try input.sample.images(index..<index + 1)
    image.conditioning = ModelInput.Conditioning(
      classLabels: input.conditioning.classLabels.map { [$0[index]] },
      classEmbeddings: try row(input.conditioning.classEmbeddings),
      encoderHiddenStates: try row(input.conditioning.encoderHiddenStates),
      timestepConditioning: try row(input.conditioning.timestepConditioning),
      encoderAttentionMask: try row(input.conditioning.encoderAttentionMask))
    return image
  }
}
