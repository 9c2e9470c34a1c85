import DiffusionCore
import Foundation
import TensorKernels
import TestSupport
import Testing

/// Sizes from files and options may be of any magnitude: an error, or `Int.max` for what no integer holds.
@Suite struct HugeSizesTests {
  private static let huge = [
    0, -1, 1 << 20, (1 << 20) + 1, 1 << 31, 1 << 32, 1 << 62, Int.max, Int.min, 1_048_575, 524_288,
  ]
  private static let fields = [
    "sample_size", "in_channels", "out_channels", "layers_per_block", "downsample_padding", "attention_head_dim",
    "norm_num_groups", "attn_norm_num_groups", "time_embedding_dim", "freq_shift", "mid_block_scale_factor",
    "norm_eps",
  ]

  @Test(arguments: [
    ([1 << 31, 1 << 31, 2], Int.max), ([1 << 31, 1 << 31, 2, 0], 0), ([Int.max, Int.max], .max), ([3, 4, 5], 60),
    ([], 1), ([Int.max, 1], .max),
  ])
  func productsEndAtTheLargestInteger(factors: [Int], product: Int) {
    #expect(Int.product(of: factors) == product)
  }

  @Test func sumsEndAtTheLargestInteger() {
    #expect(Int.sum(of: [Int.max, 1, 1]) == .max)
    #expect(Int.sum(of: [1, 2, 3]) == 6)
  }

  @Test(arguments: ["two-levels", "four-levels", "scale-shift"]) func aModelIsDescribedAtAnySize(name: String) throws {
    let unet = try UNetFixture(name).unet
    for (height, width) in [(1 << 20, 1 << 20), (1 << 20, 1 << 10)] {
      let description = try unet.describe(height: height, width: width)
      #expect(description.flops > 1 << 32)
      #expect(description.layers.allSatisfy { $0.flops > 0 && $0.outputShape.allSatisfy { $0 > 0 } })
    }
    #expect(try unet.describe(height: 1 << 20, width: 1 << 20).flops == .max)
  }

  /// Every number of a configuration, and every pair of one with a large sample.
  @Test(arguments: fields) func aConfigurationIsReadOrRefused(field: String) throws {
    let folder = "\(Fixtures.folder)/unet/four-levels/unet"
    let text = try String(contentsOfFile: "\(folder)/config.json", encoding: .utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    var accepted = 0
    for value in Self.huge {
      for size in [32, 1 << 20] {
        let changed = object.merging(["sample_size": size]) { $1 }.merging([field: value]) { $1 }
        let bytes = [UInt8](try JSONSerialization.data(withJSONObject: changed))
        do {
          let config = try UNet2DModelConfig(json: bytes)
          try config.validate()
          let shape = [Int.max, config.inChannels, config.sampleHeight ?? 32, config.sampleWidth ?? 32]
          #expect(MemoryEstimate.run(config, shape: shape, keptSteps: 1_000_000) > 0)
          accepted += 1
        } catch let error as DiffusionError {
          #expect(!error.message.contains("\n"))
        }
      }
    }
    #expect(accepted <= 2 * Self.huge.count)
  }
}
