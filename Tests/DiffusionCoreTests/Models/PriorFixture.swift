import DiffusionCore
import Foundation
import TestSupport

/// A small prior with random weights, and Diffusers' outputs for some inputs (`generate_unclip_networks.py`).
struct PriorFixture {
  /// An input and its output.
  struct Case {
    let name: String
    let input: ModelInput
    let output: Tensor<Float>
    /// The same model in binary64.
    let output64: Tensor<Double>
  }

  /// Every fixture; together they cover every option.
  static let names = ["prior", "prior-norms", "prior-plain"]

  let prior: PriorTransformer
  /// Of two images with masks, of one without, of three with masks, and of one whose mask takes nothing out.
  let cases: [Case]
  /// The outputs of the blocks for the last case, `[1, tokens, channels]`, by their names.
  let stages: [String: Tensor<Float>]
  /// A sample of the prior, and what `post_process_latents` makes of it.
  let latents, processed: Tensor<Float>

  init(_ name: String, device: Device = .cpu, threads: Int = 2) throws {
    let folder = "\(Fixtures.folder)/unclip/\(name)"
    prior = try PriorTransformer(
      config: PriorTransformerConfig(json: Data(contentsOf: URL(filePath: "\(folder)/config.json"))),
      parameters: ParameterStore(opening: "\(folder)/diffusion_pytorch_model.safetensors"), device: device,
      threads: threads)
    let file = try TensorFile("unclip/\(name)/cases.safetensors")
    cases = try ["masked2", "whole1", "masked3", "full1"].map { name in
      let conditioning = ModelInput.Conditioning(
        encoderHiddenStates: try file.floats("\(name).states"),
        encoderAttentionMask: name == "whole1" ? nil : try file.floats("\(name).mask"),
        textEmbeds: try file.floats("\(name).embeds"))
      return Case(
        name: name,
        input: ModelInput(
          sample: try file.floats("\(name).sample"),
          timestep: Float(try file.doubles("\(name).timestep").scalars[0]), conditioning: conditioning),
        output: try file.floats("\(name).output"), output64: try file.doubles("\(name).output64"))
    }
    stages = try file.names.filter { $0.hasPrefix("stages.") }.reduce(into: [:]) { stages, name in
      stages[String(name.dropFirst("stages.".count))] = try file.floats(name)
    }
    (latents, processed) = (try file.floats("latents"), try file.floats("processed"))
  }

  /// Image `index` of an input.
  static func image(_ index: Int, of input: ModelInput) throws -> ModelInput {
    func row(_ tensor: Tensor<Float>?) throws -> Tensor<Float>? { try tensor?.images(index..<index + 1) }
    var image = input
    image.sample = try input.sample.images(index..<index + 1)
    image.conditioning = ModelInput.Conditioning(
      encoderHiddenStates: try row(input.conditioning.encoderHiddenStates),
      encoderAttentionMask: try row(input.conditioning.encoderAttentionMask),
      textEmbeds: try row(input.conditioning.textEmbeds))
    return image
  }
}
