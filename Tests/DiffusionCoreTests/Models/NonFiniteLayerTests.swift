import DiffusionCore
import TestSupport
import Testing

@Suite("The first layer with a NaN or an infinity")
struct NonFiniteLayerTests {
  private struct Stop: Error {}

  private func sample(_ seed: Seed = 0) throws -> Tensor<Float> {
    try Generator().manualSeed(seed).randn([1, 3, 8, 8])
  }

  private func unet(filling name: String, with value: Float = 3e38) throws -> UNet2DModel {
    try AlteredModel.pipeline("two-levels", filling: name, with: value).unet
  }

  @Test(
    "is named, wherever it is",
    arguments: [
      ("time_embedding.linear_1.weight", "time_embedding.linear_1"), ("conv_in.weight", "conv_in"),
      ("down_blocks.0.resnets.0.norm1.weight", "down_blocks.0.resnets.0.norm1"),
      ("down_blocks.0.resnets.0.time_emb_proj.weight", "down_blocks.0.resnets.0.time_emb_proj"),
      ("down_blocks.0.downsamplers.0.conv.weight", "down_blocks.0.downsamplers.0.conv"),
      ("mid_block.attentions.0.to_k.weight", "mid_block.attentions.0.to_qkv"),
      ("mid_block.attentions.0.to_out.0.weight", "mid_block.attentions.0.to_out.0"),
      ("up_blocks.0.resnets.0.conv_shortcut.weight", "up_blocks.0.resnets.0.conv_shortcut"),
      ("up_blocks.1.resnets.1.conv2.weight", "up_blocks.1.resnets.1.conv2"), ("conv_norm_out.weight", "conv_norm_out"),
      ("conv_out.weight", "conv_out"),
    ])
  func names(parameter: String, layer: String) throws {
    let unet = try unet(filling: parameter)
    let found = try #require(try unet.firstNonFiniteLayer(sample: sample(), timestep: 500))
    #expect(found.origin == .layer(layer))
    #expect(found.name == layer)
    #expect(!found.value.isFinite)
    #expect(found.count > 0)
    #expect(try !unet(sample(), timestep: 500).scalars.allSatisfy(\.isFinite))
  }

  @Test("is the attention's own sum if queries and keys overflow together")
  func attention() throws {
    // Keys of 3e38 are finite, and so are queries; their products are not.
    let unet = try AlteredModel.pipeline("two-levels", filling: "mid_block.attentions.0.to_k.bias", with: 3e38).unet
    let found = try #require(try unet.firstNonFiniteLayer(sample: sample(), timestep: 500))
    #expect(found.name == "mid_block.attentions.0.attention")
  }

  @Test("is nil for a model whose layers are all finite")
  func finite() throws {
    let unet = try DDIMPipeline.fromPretrained("\(Fixtures.folder)/unet/two-levels", threads: 1).unet
    #expect(try unet.firstNonFiniteLayer(sample: sample(), timestep: 500) == nil)
  }

  @Test("is the same, bit for bit, on every device and any number of threads")
  func devices() throws {
    let model = try unet(filling: "conv_out.weight", with: 1e38)
    let expected = try #require(try model.firstNonFiniteLayer(sample: sample(), timestep: 9))
    for device in Device.available {
      let found = try model.on(device, threads: 2).firstNonFiniteLayer(sample: sample(), timestep: 9)
      #expect(found == expected)
    }
  }

  @Test("reports the value, its position and the count")
  func description() throws {
    var scalars = [Float](repeating: 0, count: 24)
    (scalars[17], scalars[20]) = (-.infinity, .nan)
    let tensor = Tensor<Float>(unchecked: [2, 3, 2, 2], scalars)
    let found = try #require(NonFiniteLayer(.layer("conv_in"), in: tensor))
    #expect(found.value == -.infinity)
    #expect(found.index == [1, 1, 0, 1])
    #expect(found.count == 2)
    #expect(found.shape == tensor.shape)
    #expect(found == NonFiniteLayer(.layer("conv_in"), in: tensor))
    #expect(found != NonFiniteLayer(.scheduler, in: tensor))
    #expect(found.description == "conv_in: -inf at [1, 1, 0, 1]; 2 of 24 values are not finite")
  }

  @Test("is the sample, if that is not finite")
  func badSample() throws {
    var scalars = try sample().scalars
    scalars[191] = .infinity
    let unet = try unet(filling: "conv_in.weight")
    let found = try unet.firstNonFiniteLayer(sample: Tensor(shape: [1, 3, 8, 8], scalars: scalars), timestep: 1)
    #expect(found?.origin == .sample)
    #expect(found?.index == [0, 2, 7, 7])
    #expect(found?.count == 1)
  }

  @Test("stops where progress throws")
  func cancellation() throws {
    let unet = try unet(filling: "conv_out.weight")
    #expect(throws: Stop.self) {
      try unet.firstNonFiniteLayer(sample: sample(), timestep: 1) { if $0.completed == 2 { throw Stop() } }
    }
  }
}
