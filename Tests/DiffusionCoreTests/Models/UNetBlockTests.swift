import DiffusionCore
import Foundation
import TensorKernels
import TestSupport
import Testing

/// The blocks of Diffusers' `tests/models/unets/test_unet_2d_blocks.py`, with the weights from its seed. Only on `cpu`:
/// the oracle would take minutes, and ``UNetBitsTests`` checks that both give the same bits.
@Suite struct UNetBlockTests {
  /// The record of a block from `generate_unet.py`.
  private struct Block: Decodable {
    /// `output[0, -1, -3:, -3:]` as Diffusers publishes it.
    let published: [Double]
    /// The same as computed by torch.
    let first: [Double]
    /// `output[-1, 0, :3, :3]`.
    let last: [Double]
    let shape: [Int]
  }

  private func recorded(_ name: String) throws -> Block {
    let file = URL(filePath: "\(Fixtures.folder)/blocks/blocks.json")
    return try #require(try JSONDecoder().decode([String: Block].self, from: Data(contentsOf: file))[name])
  }

  /// The blocks' own defaults where they differ from the UNet's: eps 1e-6, heads of one channel.
  private var config: UNet2DModelConfig {
    var config = UNet2DModelConfig()
    config.blockOutChannels = [32, 32]
    config.timeEmbeddingDim = 128
    config.layersPerBlock = 1
    config.normEps = 1e-6
    config.attentionHeadDim = 1
    return config
  }

  private func parameters(_ name: String, prefix: String, _ context: ComputeContext) throws -> ParameterReader {
    let store = try ParameterStore(opening: "\(Fixtures.folder)/blocks/\(name).safetensors")
    return ParameterReader(try store.renaming { "\(prefix).\($0)" }, context: context)
  }

  /// Normals of seed 0 in the order of the tests: the hidden states, then the time embedding, which enters after SiLU.
  private func inputs(_ context: ComputeContext) throws -> (hidden: FeatureMap, pass: ForwardPass) {
    let generator = Generator(device: .cpu).manualSeed(0)
    let hidden: Tensor<Float> = try generator.randn([4, 32, 32, 32])
    let time: Tensor<Float> = try generator.randn([4, 128, 1, 1])
    let activated = try FeatureMap(time, on: context.backend) { $0 / (1 + Float(exp(-Double($0)))) }
    let pass = ForwardPass(context: context, time: activated, blocks: 0, report: nil)
    return (try FeatureMap(hidden, on: context.backend), pass)
  }

  private func check(_ output: FeatureMap, _ name: String, _ context: ComputeContext) throws {
    let block = try recorded(name)
    let tensor = try output.tensor(on: context.backend)
    try #require(tensor.shape == block.shape)
    let (channels, height, width) = (tensor.shape[1], tensor.shape[2], tensor.shape[3])
    func corner(_ plane: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> [Double] {
      rows.flatMap { row in columns.map { Double(tensor.scalars[(plane * height + row) * width + $0]) } }
    }
    let first = corner(channels - 1, height - 3..<height, width - 3..<width)
    let last = corner((tensor.shape[0] - 1) * channels, 0..<3, 0..<3)
    #expect(zip(first, block.published).allSatisfy { abs($0 - $1) <= 1e-4 }, "\(first)")
    #expect(zip(first + last, block.first + block.last).allSatisfy { abs($0 - $1) <= 2e-5 }, "\(first), \(last)")
  }

  @Test(arguments: [UNet2DModelConfig.DownBlockType.downBlock2D, .attnDownBlock2D])
  func down(type: UNet2DModelConfig.DownBlockType) throws {
    var (config, skips) = (config, [FeatureMap?]())
    config.downBlockTypes = [type, .downBlock2D]
    let context = try ComputeContext(device: .cpu, threads: 2)
    let reader = try parameters(type.rawValue, prefix: "down_blocks.0", context)
    let block = try UNetDownBlock(0, config: config, from: reader)
    #expect(reader.finish() == [], "every tensor is read")
    var (hidden, pass) = try inputs(context)
    hidden = try block(hidden, skips: &skips, in: &pass)
    #expect(skips.count == 2)
    try check(hidden, type.rawValue, context)
  }

  @Test func mid() throws {
    let context = try ComputeContext(device: .cpu, threads: 2)
    let reader = try parameters("UNetMidBlock2D", prefix: "mid_block", context)
    let block = try UNetMidBlock(config: config, channels: 32, from: reader)
    #expect(reader.finish() == [], "every tensor is read")
    var (hidden, pass) = try inputs(context)
    hidden = try block(hidden, in: &pass)
    try check(hidden, "UNetMidBlock2D", context)
  }

  @Test(arguments: [UNet2DModelConfig.UpBlockType.upBlock2D, .attnUpBlock2D])
  func up(type: UNet2DModelConfig.UpBlockType) throws {
    var config = config
    // On the way up a block has one layer more than the configuration states; these have one.
    config.layersPerBlock = 0
    config.upBlockTypes = [type, .upBlock2D]
    let context = try ComputeContext(device: .cpu, threads: 2)
    let reader = try parameters(type.rawValue, prefix: "up_blocks.0", context)
    let block = try UNetUpBlock(0, config: config, from: reader)
    #expect(reader.finish() == [], "every tensor is read")
    let skip: Tensor<Float> = try Generator(device: .cpu).manualSeed(1).randn([4, 32, 32, 32])
    var skips: [FeatureMap?] = [try FeatureMap(skip, on: context.backend)]
    var (hidden, pass) = try inputs(context)
    hidden = try block(hidden, skips: &skips, in: &pass)
    #expect(skips.isEmpty)
    try check(hidden, type.rawValue, context)
  }
}
