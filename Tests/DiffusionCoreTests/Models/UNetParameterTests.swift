import DiffusionCore
import Foundation
import TestSupport
import Testing

/// Weights that do not belong to the configuration.
@Suite struct UNetParameterTests {
  @Test(arguments: [
    (#""layers_per_block": 1"#, #""layers_per_block": 2"#, "down_blocks.0.resnets.1"),
    (#""in_channels": 3"#, #""in_channels": 4"#, "conv_in.weight"),
    (#""out_channels": 3"#, #""out_channels": 1"#, "conv_out"),
    (#""time_embedding_dim": null"#, #""time_embedding_dim": 24"#, "time_e"),
    (#""resnet_time_scale_shift": "default""#, #""resnet_time_scale_shift": "scale_shift""#, "time_emb_proj.weight"),
  ])
  func anotherConfiguration(from old: String, to new: String, tensor: String) throws {
    let model = try changed(old, new)
    defer { try? FileManager.default.removeItem(atPath: model) }
    let error = #expect(throws: DiffusionError.self) {
      try DDIMPipeline.fromPretrained(model, threads: 1)
    }
    #expect(error?.kind == .badData)
    #expect(
      error?.message.contains(tensor) == true && error?.message.contains(model) == true, "\(error?.message ?? "")"
    )
  }

  @Test(
    "tensors that the configuration has no use for are left out with a warning, as in Diffusers",
    arguments: [
      (#""add_attention": true"#, #""add_attention": false"#, "mid_block.attentions.0"),
      (#""mid_block_type": "UNetMidBlock2D""#, #""mid_block_type": null"#, "mid_block."),
    ])
  func leftOver(from old: String, to new: String, tensor: String) throws {
    let model = try changed(old, new)
    defer { try? FileManager.default.removeItem(atPath: model) }
    let warnings = try DDIMPipeline.fromPretrained(model, threads: 1).warnings
    #expect(warnings.contains { $0.contains(tensor) }, "\(warnings)")
  }

  /// A copy of a model with another configuration.
  private func changed(_ old: String, _ new: String) throws -> String {
    let model = FileManager.default.temporaryDirectory.appending(path: "unet-\(UUID().uuidString)").path
    let file = URL(filePath: "\(model)/unet/config.json")
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/unet/two-levels", toPath: model)
    let text = try String(contentsOf: file, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacingOccurrences(of: old, with: new).write(to: file, atomically: false, encoding: .utf8)
    return model
  }
}
