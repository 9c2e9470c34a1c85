import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The decoding of `config.json`.
@Suite struct UNet2DModelConfigTests {
  private func decode(_ json: String) throws -> UNet2DModelConfig {
    try UNet2DModelConfig(json: Array(json.utf8), file: "unet/config.json")
  }

  private func fixture(_ path: String) throws -> UNet2DModelConfig {
    try UNet2DModelConfig(json: Data(contentsOf: URL(filePath: "\(Fixtures.folder)/unet/\(path)")), file: path)
  }

  @Test func missingKeysTakeTheDefaultsOfDiffusers() throws {
    let config = try decode("{}")
    #expect(config == UNet2DModelConfig())
    #expect(config.sampleSize == nil)
    #expect(config.blockOutChannels == [224, 448, 672, 896])
    #expect(config.downBlockTypes == [.downBlock2D, .attnDownBlock2D, .attnDownBlock2D, .attnDownBlock2D])
    #expect(config.upBlockTypes == [.attnUpBlock2D, .attnUpBlock2D, .attnUpBlock2D, .upBlock2D])
    #expect(config.timeEmbedDim == 896 && config.normNumGroups == 32 && config.normEps == 1e-5)
    #expect(config.attentionHeadDim == 8 && config.flipSinToCos && config.freqShift == 0 && config.addAttention)
  }

  @Test func everyKeyIsRead() throws {
    let config = try fixture("three-levels/unet/config.json")
    #expect(config.sampleSize ?? (0, 0) == (8, 8))
    #expect(config.blockOutChannels == [4, 8, 8] && config.layersPerBlock == 2 && config.downsamplePadding == 0)
    #expect(config.downBlockTypes == [.downBlock2D, .attnDownBlock2D, .downBlock2D])
    #expect(config.upBlockTypes == [.upBlock2D, .attnUpBlock2D, .upBlock2D])
    #expect(!config.flipSinToCos && config.freqShift == 1 && config.normEps == 1e-6 && config.normNumGroups == 2)
    #expect(config.attentionHeadDim == nil && config.attentionHeads(channels: 8) == 1)
    #expect(try fixture("non-square/unet/config.json").sampleSize ?? (0, 0) == (12, 16))
    #expect(try fixture("non-square/unet/config.json").inChannels == 1)
    #expect(try fixture("non-square/unet/config.json").outChannels == 2)
    #expect(try fixture("odd-channels/unet/config.json").timeEmbedDim == 24)
    #expect(try fixture("odd-channels/unet/config.json").sampleSize == nil)
    #expect(try fixture("middle-scale/unet/config.json").midBlockScaleFactor == 1.7)
    #expect(try fixture("centered/unet/config.json").centerInputSample)
    #expect(try fixture("no-middle/unet/config.json").midBlockType == nil)
    #expect(try !fixture("no-attention/unet/config.json").addAttention)
    #expect(try fixture("two-levels/unet/config.json").attentionHeads(channels: 8) == 2)
    #expect(try fixture("classes/unet/config.json").numClassEmbeds == 7)
    #expect(try fixture("class-timestep/unet/config.json").classEmbedType == .timestep)
    #expect(try fixture("class-identity/unet/config.json").classEmbedType == .identity)
  }

  @Test func theMiddleAttentionsNorm() throws {
    #expect(try fixture("two-levels/unet/config.json").midAttentionNormNumGroups == 2)
    #expect(try fixture("attention-norm/unet/config.json").midAttentionNormNumGroups == 1)
    #expect(try fixture("scale-shift/unet/config.json").midAttentionNormNumGroups == nil)
    #expect(try fixture("scale-shift-attention-norm/unet/config.json").midAttentionNormNumGroups == 2)
  }

  @Test(arguments: [
    #"{"_class_name": "UNet2DModel", "_diffusers_version": 7, "_anything": []}"#,
    #"{"a_key_of_the_future": {"x": [1, null]}, "dropout": 0.5, "num_train_timesteps": 1000}"#,
    #"{"act_fn": "SiLU", "class_embed_type": null, "num_class_embeds": null, "time_embedding_type": "positional"}"#,
    #"{"act_fn": "swish", "time_embedding_dim": null, "mid_block_scale_factor": 1}"#,
    #"{"down_block_types": ["UNetResDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "UNetResAttnDownBlock2D"]}"#,
  ])
  func whatChangesNothingIsIgnored(json: String) throws {
    var expected = UNet2DModelConfig()
    expected.timeEmbeddingDim = nil
    #expect(try decode(json) == expected)
  }

  @Test func resamplingMattersOnlyBesideAttention() throws {
    let plain =
      #"{"block_out_channels": [32, 32], "down_block_types": ["DownBlock2D", "AttnDownBlock2D"], "#
      + #""up_block_types": ["UpBlock2D", "AttnUpBlock2D"], "downsample_type": "resnet", "upsample_type": "resnet"}"#
    #expect(try decode(plain).blockOutChannels == [32, 32])
  }

  @Test(arguments: [
    (#"{"down_block_types": ["DownBlock2D", "DownEncoderBlock2D"]}"#, "down_block_types[1] is 'DownEncoderBlock2D'"),
    (#"{"down_block_types": ["CrossAttnDownBlock2D"]}"#, "DownBlock2D or AttnDownBlock2D"),
    (#"{"up_block_types": ["UpDecoderBlock2D"]}"#, "UpBlock2D or AttnUpBlock2D"),
    (#"{"up_block_types": "UpBlock2D"}"#, "up_block_types is 'UpBlock2D': expected a list"),
    (#"{"down_block_types": [3]}"#, "down_block_types[0] is 3: expected a string"),
    (#"{"mid_block_type": 3}"#, "mid_block_type is 3: expected a string or null"),
    (#"{"time_embedding_type": "gaussian"}"#, "expected positional or fourier or learned"),
    (#"{"time_embedding_type": "learned"}"#, "num_train_timesteps is null: expected a whole number"),
    (#"{"time_embedding_type": "learned", "num_train_timesteps": 0}"#, "num_train_timesteps is 0"),
    (#"{"downsample_type": "pool"}"#, "the blocks do not fit together: up_blocks."),
    (#"{"upsample_type": 3}"#, "upsample_type is 3: expected a string or null"),
    (#"{"act_fn": "tanh"}"#, "act_fn 'tanh' is not supported: expected 'silu', 'swish', 'mish', 'gelu' or 'relu'"),
    (#"{"act_fn": null}"#, "act_fn null is not supported"),
    (#"{"class_embed_type": 3}"#, "class_embed_type is 3"),
    (#"{"num_class_embeds": 0}"#, "num_class_embeds is 0"),
    (#"{"num_class_embeds": "ten"}"#, "num_class_embeds is 'ten': expected a whole number"),
    (#"{"resnet_time_scale_shift": "spatial"}"#, "expected default or scale_shift"),
    (#"{"up_block_types": ["UpBlock2D"]}"#, "same number of `down_block_types` as `up_block_types`: found 4 and 1"),
    (#"{"block_out_channels": [32]}"#, "same number of `block_out_channels` as `down_block_types`: found 1 and 4"),
    (#"{"block_out_channels": [], "down_block_types": [], "up_block_types": []}"#, "0 levels"),
    (
      #"{"block_out_channels": [32, 32, 32, 48]}"#,
      "norm_num_groups is 32: expected a divisor of block_out_channels[3], 48"
    ),
    (#"{"block_out_channels": [32, 64, "a", 8]}"#, "block_out_channels[2] is 'a': expected a whole number"),
    (#"{"block_out_channels": [32, 64, -64, 64]}"#, "block_out_channels[2] is -64"),
    (#"{"attn_norm_num_groups": 5}"#, "attn_norm_num_groups is 5: expected a divisor"),
    (#"{"attention_head_dim": 500}"#, "attention_head_dim is 500: expected at most 448"),
    (#"{"attention_head_dim": 0}"#, "attention_head_dim is 0"),
    (#"{"norm_num_groups": null}"#, "norm_num_groups is null: expected a whole number"),
    (#"{"norm_num_groups": 0}"#, "norm_num_groups is 0"),
    (#"{"norm_eps": -1e-5}"#, "norm_eps is -1e-05"),
    (#"{"norm_eps": "small"}"#, "norm_eps is 'small': expected a number"),
    (#"{"mid_block_scale_factor": 0}"#, "mid_block_scale_factor is 0.0"),
    (#"{"downsample_padding": 2}"#, "downsample_padding is 2: expected 0 to 1"),
    (#"{"layers_per_block": 0}"#, "layers_per_block is 0"),
    (#"{"layers_per_block": 1.5}"#, "layers_per_block is 1.5: expected a whole number"),
    (#"{"in_channels": 0}"#, "in_channels is 0"),
    (#"{"out_channels": 9000000000000000000}"#, "out_channels is 9000000000000000000"),
    (#"{"freq_shift": 112}"#, "freq_shift is 112"),
    (#"{"flip_sin_to_cos": "yes"}"#, "flip_sin_to_cos is 'yes': expected true or false"),
    (#"{"center_input_sample": 1}"#, "center_input_sample is 1: expected true or false"),
    (#"{"add_attention": 0}"#, "add_attention is 0"),
    (#"{"sample_size": [32]}"#, "sample_size is [32]: expected a whole number, [height, width] or null"),
    (#"{"sample_size": [0, 32]}"#, "sample_size is 0"),
    (#"{"act_fn": "a\nb\u001b["}"#, #"act_fn 'a\u{A}b\u{1B}['"#),
    (#"{"sample_size": true}"#, "sample_size is true"),
    (#"{"time_embedding_dim": -4}"#, "time_embedding_dim is -4"),
    (#"[1, 2]"#, "expected a JSON object, found [1, 2]"),
    (#"{"in_channels": 3"#, "not valid JSON"),
    ("", "not valid JSON"),
  ])
  func whatIsRefused(json: String, words: String) throws {
    let error = #expect(throws: DiffusionError.self) { try decode(json) }
    let message = try #require(error?.message)
    #expect(error?.kind == .badData)
    #expect(message.hasPrefix("unet/config.json: ") && message.contains(words), "\(message)")
    #expect(!message.contains("\n"))
  }

  /// Blocks of two levels of a kind on the way down and on the way up, with other options.
  private func blocks(_ down: String, _ up: String, _ others: String = "") -> String {
    func list(_ names: String) -> String {
      names.split(separator: " ").map { "\"\($0)\"" }.joined(separator: ", ")
    }
    let defaults = #""block_out_channels": [32, 32], "attention_head_dim": 8, "norm_num_groups": 8"#
    return #"{"down_block_types": [\#(list(down))], "up_block_types": [\#(list(up))], \#(defaults)\#(others)}"#
  }

  @Test func blocksThatFitTogether() throws {
    for (down, up, others) in [
      ("SkipDownBlock2D AttnSkipDownBlock2D", "AttnSkipUpBlock2D SkipUpBlock2D", ""),
      ("DownBlock2D SkipDownBlock2D", "UpBlock2D SkipUpBlock2D", #", "in_channels": 1, "out_channels": 5"#),
      (
        "KDownBlock2D KDownBlock2D", "KUpBlock2D KUpBlock2D",
        #", "resnet_time_scale_shift": "x", "mid_block_type": null"#
      ),
      ("DownBlock2D KDownBlock2D", "UpBlock2D KUpBlock2D", ""),
      ("ResnetDownsampleBlock2D DownBlock2D", "ResnetUpsampleBlock2D UpBlock2D", #", "downsample_padding": 5"#),
      ("UNetResSkipDownBlock2D SkipDownBlock2D", "SkipUpBlock2D SkipUpBlock2D", #", "norm_num_groups": null"#),
      ("AttnDownBlock2D DownBlock2D", "AttnUpBlock2D UpBlock2D", #", "downsample_type": "", "mid_block_type": "any""#),
    ] {
      #expect(throws: Never.self, "\(down), \(up)") { try decode(blocks(down, up, others)) }
    }
  }

  @Test(arguments: [
    ("SkipDownBlock2D SkipDownBlock2D", "SkipUpBlock2D SkipUpBlock2D", #", "in_channels": 1"#, "in_channels is 1"),
    ("DownBlock2D DownBlock2D", "SkipUpBlock2D SkipUpBlock2D", #", "out_channels": 6"#, "out_channels is 6"),
    ("DownBlock2D DownBlock2D", "SkipUpBlock2D UpBlock2D", "", "does not reach the size of the sample"),
    ("KDownBlock2D DownBlock2D", "UpBlock2D UpBlock2D", "", "up_blocks.0 has an image of 4x4, and gets one of 8x8"),
    ("DownBlock2D DownBlock2D", "UpBlock2D UpBlock2D", #", "norm_num_groups": null"#, "for DownBlock2D"),
    ("DownBlock2D DownBlock2D", "UpBlock2D UpBlock2D", #", "downsample_padding": -1"#, "downsample_padding is -1"),
    ("KDownBlock2D KDownBlock2D", "KUpBlock2D KUpBlock2D", #", "norm_num_groups": 5"#, "norm_num_groups is 5"),
    (
      "KDownBlock2D KCrossAttnDownBlock2D", "KCrossAttnUpBlock2D KUpBlock2D", "",
      "up_blocks.0.resnets.0 takes 64 channels, and gets 32"
    ),
  ])
  func blocksThatDoNotFitTogether(down: String, up: String, others: String, words: String) throws {
    let error = #expect(throws: DiffusionError.self) { try decode(blocks(down, up, others)) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test func headsMatterOnlyWhereThereIsAttention() throws {
    let plain =
      #"{"block_out_channels": [32, 32], "down_block_types": ["DownBlock2D", "DownBlock2D"], "#
      + #""up_block_types": ["UpBlock2D", "UpBlock2D"], "attention_head_dim": 35"#
    #expect(throws: DiffusionError.self) { try decode(plain + "}") }
    #expect(try decode(plain + #", "add_attention": false}"#).attentionHeadDim == 35)
    #expect(try decode(plain + #", "mid_block_type": null}"#).attentionHeadDim == 35)
  }

  @Test func sizesThatTheLevelsDivide() throws {
    let config = UNet2DModelConfig()
    #expect(config.sizeMultiple == 8)
    for (height, width) in [(8, 8), (32, 40), (256, 256)] { try config.validate(height: height, width: width) }
    for (height, width, words) in [
      (30, 32, "height 30"), (30, 32, "24 or 32"), (32, 41, "width 41"), (32, 41, "40 or 48"), (4, 32, "use 8"),
      (0, 8, "use 8"), (-3, 8, "use 8"), (Int.max, 8, "use 1048576"),
    ] {
      let error = #expect(throws: DiffusionError.self) { try config.validate(height: height, width: width) }
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
  }
}
