import DiffusionCore
import FoundationEssentials
import TensorKernels
import TestSupport
import Testing

/// Weights that do not fit are found before any of a model is laid out for the device.
@Suite struct WeightCheckTests {
  /// A component of a model, and the tensor of it that is read last.
  struct Last: CustomTestStringConvertible, Sendable {
    let model, component, tensor: String

    init(_ model: String, _ component: String, _ tensor: String = "time_embedding.linear_2.bias") {
      (self.model, self.component, self.tensor) = (model, component, tensor)
    }

    var testDescription: String { "\(model)/\(component)" }
  }

  private let scratch: ScratchFolder
  private let allocator = LimitedAllocator()

  init() throws { scratch = try ScratchFolder() }

  /// A copy of a fixture's folder.
  private func copy(_ model: String) throws -> String {
    let folder = "\(scratch.path)/model"
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/\(model)", toPath: folder)
    return folder
  }

  /// Opens a model on a processor whose allocations are counted.
  private func open(_ folder: String, weights: WeightPrecision = .float32) throws -> DiffusionPipeline {
    let kernels = try #require(NativeKernels.portable)
    let device = Device(
      DeviceEntry(name: "counted", instructionSet: { _ in "portable" }) { [allocator] _, threads in
        try #require(CPUBackend(kernels: kernels, threads: threads, allocator: allocator))
      })
    return try DiffusionPipeline.load(
      ModelSource(resolving: folder, environment: [:]), device: device, threads: 1, weights: weights)
  }

  /// Expects an error that begins so, before anything was allocated for weights.
  private func expectRefusal(_ folder: String, _ beginning: String, weights: WeightPrecision = .float32) {
    let error = #expect(throws: DiffusionError.self) { try open(folder, weights: weights) }
    #expect(error?.kind == .badData && error?.message.hasPrefix(beginning) == true, "\(error?.message ?? "")")
    #expect(allocator.allocations == 0)
  }

  @Test(
    arguments: [
      Last("unet/two-levels", "unet"), Last("unet/fourier", "unet"),
      Last("latent-diffusion/ddim", "vqvae", "decoder.conv_out.bias"), Last("latent-diffusion/ddim", "unet"),
      Last("dit/new", "vae", "decoder.conv_out.bias"), Last("dit/new", "transformer", "proj_out_2.bias"),
      Last("stable-diffusion/sd2", "text_encoder", "final_layer_norm.bias"),
      Last("stable-diffusion/sd2", "vae", "decoder.conv_out.bias"), Last("stable-diffusion/sd2", "unet"),
      Last("sdxl/base", "text_encoder_2", "text_projection.weight"),
      Last("sdxl/base", "unet", "add_embedding.linear_2.bias"),
      Last("unclip/large", "text_proj", "text_encoder_hidden_states_norm.bias"), Last("unclip/large", "decoder"),
      Last("unclip/large", "super_res_last"), Last("unclip/large", "prior", "clip_std"),
      Last("unclip-variation/model", "image_encoder", "visual_projection.weight"),
    ], TensorDamage.allCases)
  func nothingIsPackedOfAModelWithABrokenTensor(_ last: Last, _ damage: TensorDamage) throws {
    let folder = try copy(last.model), component = "\(folder)/\(last.component)"
    let name = try #require(
      ["model", "diffusion_pytorch_model"].first {
        FileManager.default.fileExists(atPath: "\(component)/\($0).safetensors")
      })
    expectRefusal(folder, try damage.apply(to: last.tensor, in: "\(component)/\(name).safetensors"))
  }

  /// Each file of weights that holds the last tensor, with the fixture around it.
  @Test(
    arguments: [
      ("unet/float16", "unet/float16/unet/diffusion_pytorch_model.safetensors"),
      ("unet/bfloat16", "unet/bfloat16/unet/diffusion_pytorch_model.safetensors"),
      ("unet/sharded", "unet/sharded/unet/diffusion_pytorch_model-00001-of-00004.safetensors"),
      ("unet/no-attention", "torch/no-attention.bin"), ("unet/no-attention", "torch/no-attention-legacy.bin"),
    ], WeightPrecision.allCases)
  func inEachFormat(_ source: (String, String), precision: WeightPrecision) throws {
    let (model, weights) = source, isTorch = weights.hasSuffix(".bin")
    let folder = try copy(model), unet = "\(folder)/unet"
    let name = try #require(weights.split(separator: "/").last).description
    let path = isTorch ? "\(unet)/diffusion_pytorch_model.bin" : "\(unet)/\(name)"
    if isTorch {
      try FileManager.default.removeItem(atPath: "\(unet)/diffusion_pytorch_model.safetensors")
      try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/\(weights)", toPath: path)
    }
    _ = try open(folder, weights: precision)
    #expect(allocator.allocations > 10, "what is whole is packed")
    let before = allocator.allocations
    let beginning = try TensorDamage.notFinite.apply(to: "time_embedding.linear_2.bias", in: path)
    let error = #expect(throws: DiffusionError.self) { try open(folder, weights: precision) }
    #expect(error?.message.hasPrefix(beginning) == true, "\(error?.message ?? "")")
    #expect(allocator.allocations == before)
  }

  /// The first that is read is named, whatever is wrong with it and with others.
  @Test(arguments: TensorDamage.allCases, TensorDamage.allCases)
  func theFirstOfSeveralIsNamed(_ first: TensorDamage, _ other: TensorDamage) throws {
    let folder = try copy("unet/two-levels"), path = "\(folder)/unet/diffusion_pytorch_model.safetensors"
    _ = try other.apply(to: "time_embedding.linear_2.bias", in: path)
    expectRefusal(folder, try first.apply(to: "conv_in.weight", in: path))
  }
}
