import DiffusionCore
import Foundation
import TestSupport
import Testing

/// Weights that do not belong to the configuration.
@Suite struct UNetParameterTests {
  @Test(arguments: [
    (#""layers_per_block": 1"#, #""layers_per_block": 2"#, "down_blocks.0.resnets.1"),
    (#""add_attention": true"#, #""add_attention": false"#, "mid_block.attentions.0"),
    (#""mid_block_type": "UNetMidBlock2D""#, #""mid_block_type": null"#, "mid_block."),
    (#""in_channels": 3"#, #""in_channels": 4"#, "conv_in.weight"),
    (#""out_channels": 3"#, #""out_channels": 1"#, "conv_out"),
    (#""time_embedding_dim": null"#, #""time_embedding_dim": 24"#, "time_e"),
    (#""resnet_time_scale_shift": "default""#, #""resnet_time_scale_shift": "scale_shift""#, "time_emb_proj.weight"),
  ])
  func anotherConfiguration(from old: String, to new: String, tensor: String) throws {
    let manager = FileManager.default
    let folder = manager.temporaryDirectory.appending(path: "unet-\(UUID().uuidString)")
    defer { try? manager.removeItem(at: folder) }
    try manager.copyItem(at: URL(filePath: "\(Fixtures.folder)/unet/two-levels"), to: folder)
    let file = folder.appending(path: "unet/config.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacingOccurrences(of: old, with: new).write(to: file, atomically: false, encoding: .utf8)
    let error = #expect(throws: DiffusionError.self) {
      try DDIMPipeline.fromPretrained(folder.path, threads: 1)
    }
    #expect(error?.kind == .badData)
    #expect(
      error?.message.contains(tensor) == true && error?.message.contains(folder.path) == true, "\(error?.message ?? "")"
    )
  }
}
