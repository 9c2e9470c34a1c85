import DiffusionCore
import TestSupport

/// A small UNet with random weights, and Diffusers' outputs for some inputs.
struct UNetFixture {
  /// An input and its output.
  struct Case {
    let name: String
    let input: ModelInput
    let output: Tensor<Float>
    /// The same model in binary64.
    let output64: Tensor<Double>

    var sample: Tensor<Float> { input.sample }
    var timestep: Float { input.timestep }
  }

  /// Every fixture; together they cover every option of the UNet.
  static let names = [
    "one-level", "two-levels", "three-levels", "four-levels", "three-layers", "scale-shift",
    "scale-shift-attention-norm", "attention-norm", "middle-scale", "no-attention", "no-middle", "non-square",
    "centered",
    "odd-channels", "float16", "bfloat16", "sharded", "flat-ddpm", "classes", "class-timestep", "class-identity",
    "mish", "gelu", "relu", "fourier", "fourier-classes", "learned", "heads", "resnet-resampling", "resnet-blocks",
    "skip", "attention-skip", "skip-at-the-end", "one-level-padding", "k", "k-attention", "k-without-norms",
  ]

  let unet: UNet2DModel
  let cases: [Case]

  init(_ name: String, device: Device = .cpu, threads: Int = 2) throws {
    let folder = "\(Fixtures.folder)/unet/\(name)"
    unet = try DDIMPipeline.fromPretrained(folder, device: device, threads: threads).unet
    let file = try TensorFile("unet/\(name)/cases.safetensors")
    let names = Set(file.names)
    /// Networks over noise levels get those, the others whole timesteps.
    func timestep(_ name: String) throws -> Float {
      names.contains("\(name).sigma")
        ? Float(try file.doubles("\(name).sigma").scalars[0]) : Float(try file.int("\(name).timestep"))
    }
    cases = try file.names.filter { $0.hasSuffix(".sample") }.map { key in
      let name = String(key.dropLast(".sample".count))
      var input = ModelInput(sample: try file.floats(key), timestep: try timestep(name))
      if names.contains("\(name).labels") {
        input.conditioning.classLabels = try file.doubles("\(name).labels").scalars.map { Int($0) }
      }
      if names.contains("\(name).features") {
        input.conditioning.classEmbeddings = try file.floats("\(name).features")
      }
      return Case(
        name: name, input: input, output: try file.floats("\(name).output"),
        output64: try file.doubles("\(name).output64"))
    }
  }
}
