import DiffusionCore
import Foundation
import TestSupport
import Testing

/// Inputs and configurations that a conditional UNet refuses, and those that it reads.
@Suite struct UNetConditionUseTests {
  typealias Change = @Sendable (inout ModelInput) throws -> Void

  /// An input of a fixture that is changed, and words of the error.
  struct Refusal: CustomTestStringConvertible, Sendable {
    let model: String
    let words: String
    let change: Change
    var testDescription: String { "\(model): \(words)" }

    init(_ model: String, _ words: String, _ change: @escaping Change) {
      (self.model, self.words, self.change) = (model, words, change)
    }
  }

  private static func zeros(_ shape: Int...) throws -> Tensor<Float> {
    try Tensor(shape: shape, scalars: [Float](repeating: 0, count: shape.reduce(1, *)))
  }

  static let refusals = [
    Refusal("sd1", "attends to a text: expected encoder hidden states [2, tokens, 10], found none") {
      $0.conditioning.encoderHiddenStates = nil
    },
    Refusal("sd1", "[2, 5, 12] do not fit: expected [2, tokens, 10]") {
      $0.conditioning.encoderHiddenStates = try zeros(2, 5, 12)
    },
    Refusal("sd1", "[3, 5, 10] do not fit") { $0.conditioning.encoderHiddenStates = try zeros(3, 5, 10) },
    Refusal("sd1", "[2, 0, 10] do not fit") { $0.conditioning.encoderHiddenStates = try zeros(2, 0, 10) },
    Refusal("sd1", "[2, 10] do not fit") { $0.conditioning.encoderHiddenStates = try zeros(2, 10) },
    Refusal("sd1", "expected [batch, 4, height, width]") { $0.sample = try zeros(2, 3, 8, 8) },
    Refusal("sd1-winograd", "sample size 1x8: height is 1: expected 2 to 1048576") {
      $0.sample = try zeros(2, 4, 1, 8)
    },
    Refusal("sd1", "takes no class labels") { $0.conditioning.classLabels = [1, 2] },
    Refusal("sd1", "takes no class embeddings") { $0.conditioning.classEmbeddings = try zeros(2, 9) },
    Refusal("sd1", "takes no condition of the timestep") { $0.conditioning.timestepConditioning = try zeros(2, 6) },
    Refusal("sd1", "timestep 2000000 is out of range") { $0.timestep = 2_000_000 },
    Refusal("lcm", "a condition of the timestep of shape [2, 5]: expected [2, 6]") {
      $0.conditioning.timestepConditioning = try zeros(2, 5)
    },
    Refusal("classes", "found 0") { $0.conditioning.classLabels = nil },
    Refusal("classes", "found 3") { $0.conditioning.classLabels = [1, 2, 3] },
    Refusal("classes", "class label 5 is out of range: expected 0 to 4") { $0.conditioning.classLabels = [1, 5] },
    Refusal("classes", "class label -1 is out of range") { $0.conditioning.classLabels = [-1, 1] },
    Refusal("class-timestep", "is out of range") { $0.conditioning.classLabels = [1, .max] },
    Refusal("class-projection", "expected [2, 9], found none") { $0.conditioning.classEmbeddings = nil },
    Refusal("class-projection", "class embeddings of shape [2, 8]: expected [2, 9]") {
      $0.conditioning.classEmbeddings = try zeros(2, 8)
    },
    Refusal("class-identity", "expected [2, 20]") { $0.conditioning.classEmbeddings = try zeros(2, 9) },
    Refusal("class-identity", "takes no class labels") { $0.conditioning.classLabels = [1, 1] },
  ]

  @Test(arguments: refusals) func whatDoesNotFitIsRefused(_ refusal: Refusal) throws {
    let fixture = try UNetConditionFixture(refusal.model)
    var input = fixture.cases[0].input
    try refusal.change(&input)
    let error = #expect(throws: DiffusionError.self) { try fixture.unet(input) }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains(refusal.words) == true, "\(error?.message ?? "")")
  }

  @Test func aSampleMayBeOnePixel() throws {
    let fixture = try UNetConditionFixture("sd1")
    var input = fixture.cases[1].input
    input.sample = try Self.zeros(1, 4, 1, 1)
    #expect(try fixture.unet(input).shape == [1, 4, 1, 1])
  }

  @Test func theConditionOfTheTimestepMayBeMissing() throws {
    let fixture = try UNetConditionFixture("lcm")
    var input = fixture.cases[0].input
    input.conditioning.timestepConditioning = nil
    #expect(try !sameBits(fixture.unet(input), fixture.unet(fixture.cases[0].input)))
  }

  private func decode(_ json: String) throws -> UNet2DConditionModelConfig {
    try UNet2DConditionModelConfig(json: Array(json.utf8), file: "unet/config.json")
  }

  @Test func missingKeysTakeTheDefaultsOfDiffusers() throws {
    let config = try decode("{}")
    #expect(config == UNet2DConditionModelConfig())
    #expect(config.sampleSize == nil && config.timeEmbedDim == 1280 && config.sizeMultiple == 8)
    #expect(config.textChannels == 1280 && config.attentionHeadDim == .all(8) && config.layersPerBlock == .all(2))
  }

  @Test func everyKeyIsRead() throws {
    let config = try decode(
      #"""
      {"sample_size": [12, 16], "in_channels": 9, "out_channels": 8, "center_input_sample": true,
       "flip_sin_to_cos": false, "freq_shift": 1, "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
       "mid_block_type": "UNetMidBlock2D", "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
       "only_cross_attention": [true, false], "block_out_channels": [32, 64], "layers_per_block": [1, 3],
       "downsample_padding": 0, "mid_block_scale_factor": 1.5, "norm_num_groups": 16, "norm_eps": 0.001,
       "cross_attention_dim": [7, 96], "transformer_layers_per_block": [2, 4], "attention_head_dim": [4, 8],
       "use_linear_projection": true, "class_embed_type": "projection", "num_class_embeds": 3,
       "projection_class_embeddings_input_dim": 11, "class_embeddings_concat": true,
       "resnet_time_scale_shift": "scale_shift", "time_embedding_dim": 48, "time_embedding_act_fn": "GELU",
       "timestep_post_act": "swish", "time_cond_proj_dim": 256, "conv_in_kernel": 1, "conv_out_kernel": 5}
      """#)
    var expected = UNet2DConditionModelConfig()
    (expected.sampleHeight, expected.sampleWidth, expected.inChannels, expected.outChannels) = (12, 16, 9, 8)
    (expected.centerInputSample, expected.flipSinToCos, expected.freqShift) = (true, false, 1)
    expected.downBlockTypes = [.downBlock2D, .crossAttnDownBlock2D]
    (expected.midBlockType, expected.upBlockTypes) = (.unetMidBlock2D, [.crossAttnUpBlock2D, .upBlock2D])
    (expected.onlyCrossAttention, expected.blockOutChannels) = (.each([true, false]), [32, 64])
    (expected.layersPerBlock, expected.downsamplePadding) = (.each([1, 3]), 0)
    (expected.midBlockScaleFactor, expected.normNumGroups, expected.normEps) = (1.5, 16, 0.001)
    (expected.crossAttentionDim, expected.transformerLayersPerBlock) = (.each([7, 96]), .each([2, 4]))
    (expected.attentionHeadDim, expected.useLinearProjection) = (.each([4, 8]), true)
    (expected.classEmbedType, expected.numClassEmbeds) = (.projection, 3)
    (expected.projectionClassEmbeddingsInputDim, expected.classEmbeddingsConcat) = (11, true)
    (expected.resnetTimeScaleShift, expected.timeEmbeddingDim) = (.scaleShift, 48)
    (expected.timeEmbeddingActFn, expected.timestepPostAct, expected.timeCondProjDim) = (.gelu, .silu, 256)
    (expected.convInKernel, expected.convOutKernel) = (1, 5)
    #expect(config == expected)
    #expect(config.textChannels == 96)
  }

  @Test(arguments: [
    (
      #"{"down_block_types": ["AttnDownBlock2D"]}"#, "down_block_types[0] is 'AttnDownBlock2D': expected DownBlock2D or"
    ),
    (#"{"up_block_types": ["KUpBlock2D"]}"#, "CrossAttnUpBlock2D, the block types that are supported"),
    (#"{"mid_block_type": "UNetMidBlockFlat"}"#, "mid_block_type is 'UNetMidBlockFlat'"),
    (#"{"addition_embed_type": "text_image"}"#, "addition_embed_type 'text_image' is not supported: expected null or"),
    (#"{"addition_embed_type": "text_time"}"#, "addition_time_embed_dim is 0: expected"),
    (
      #"{"addition_embed_type": "text_time", "addition_time_embed_dim": 256}"#,
      "projection_class_embeddings_input_dim is null: expected a whole number, for addition_embed_type 'text_time'"
    ),
    (#"{"encoder_hid_dim": 4096}"#, "encoder_hid_dim 4096 is not supported"),
    (#"{"encoder_hid_dim_type": "image_proj"}"#, "encoder_hid_dim_type 'image_proj' is not supported"),
    (#"{"num_attention_heads": 8}"#, "num_attention_heads 8 is not supported"),
    (#"{"reverse_transformer_layers_per_block": [[1]]}"#, "reverse_transformer_layers_per_block"),
    (#"{"attention_type": "gated"}"#, "attention_type 'gated' is not supported: expected 'default'"),
    (#"{"dual_cross_attention": true}"#, "dual_cross_attention true is not supported: expected false"),
    (#"{"time_embedding_type": "fourier"}"#, "time_embedding_type 'fourier' is not supported"),
    (#"{"time_embedding_act_fn": "mish"}"#, "time_embedding_act_fn 'mish' is not supported"),
    (#"{"timestep_post_act": "relu"}"#, "timestep_post_act 'relu' is not supported"),
    (#"{"act_fn": "gelu"}"#, "act_fn 'gelu' is not supported: expected 'silu' or 'swish'"),
    (#"{"attention_head_dim": null}"#, "attention_head_dim is null: expected a whole number, or a list of them"),
    (#"{"attention_head_dim": [8, 8]}"#, "same number of `attention_head_dim` as `down_block_types`: found 2 and 4"),
    (#"{"attention_head_dim": 2000}"#, "expected at most block_out_channels[0], 320: it is the number of heads"),
    (#"{"cross_attention_dim": null}"#, "cross_attention_dim is null"),
    (#"{"cross_attention_dim": [768, 768, 1024, 768]}"#, "cross_attention_dim[2] is 1024: expected 768, as at"),
    (#"{"transformer_layers_per_block": [[1, 2], [1], [1], [1]]}"#, "transformer_layers_per_block is [1, 2]"),
    (#"{"layers_per_block": [2, 2, 0, 2]}"#, "layers_per_block[2] is 0: expected 1 to 1024"),
    (
      #"{"only_cross_attention": [true]}"#, "same number of `only_cross_attention` as `down_block_types`: found 1 and 4"
    ),
    (#"{"only_cross_attention": [1, true, true, true]}"#, "only_cross_attention[0] is 1: expected true or false"),
    (#"{"class_embed_type": "learned"}"#, "expected timestep or identity or projection or simple_projection"),
    (#"{"class_embed_type": "projection"}"#, "projection_class_embeddings_input_dim is null: expected a whole number"),
    (#"{"class_embeddings_concat": true}"#, "class_embeddings_concat is true: expected false"),
    (#"{"num_class_embeds": 0}"#, "num_class_embeds is 0"),
    (#"{"time_cond_proj_dim": 0}"#, "time_cond_proj_dim is 0"),
    (#"{"conv_in_kernel": 4}"#, "conv_in_kernel is 4: expected an odd number"),
    (#"{"norm_num_groups": 7}"#, "norm_num_groups is 7: expected a divisor of block_out_channels[0], 320"),
    (#"{"norm_num_groups": null}"#, "norm_num_groups is null"),
    (#"{"freq_shift": 160}"#, "freq_shift is 160"),
    (#"{"block_out_channels": [320]}"#, "same number of `block_out_channels` as `down_block_types`: found 1 and 4"),
  ])
  func whatIsRefused(json: String, words: String) throws {
    let error = #expect(throws: DiffusionError.self) { try decode(json) }
    let message = try #require(error?.message)
    #expect(error?.kind == .badData)
    #expect(message.hasPrefix("unet/config.json: ") && message.contains(words), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test(arguments: [
    #"{"upcast_attention": true, "dropout": 0.5, "resnet_skip_time_act": true, "resnet_out_scale_factor": 2}"#,
    #"{"mid_block_only_cross_attention": true, "cross_attention_norm": "layer_norm", "addition_embed_type": null}"#,
    #"{"act_fn": "swish", "attention_type": "default", "dual_cross_attention": false, "num_attention_heads": null}"#,
  ])
  func whatChangesNothingIsIgnored(json: String) throws {
    #expect(try decode(json) == UNet2DConditionModelConfig())
  }

  /// The keys and values of stable-diffusion-xl-base-1.0, null where that has null.
  @Test func theConfigurationOfStableDiffusionXLIsRead() throws {
    let config = try decode(
      #"""
      {"act_fn": "silu", "addition_embed_type": "text_time", "addition_embed_type_num_heads": 64,
       "addition_time_embed_dim": 256, "attention_head_dim": [5, 10, 20], "block_out_channels": [320, 640, 1280],
       "class_embed_type": null, "cross_attention_dim": 2048, "cross_attention_norm": null,
       "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
       "encoder_hid_dim": null, "encoder_hid_dim_type": null, "mid_block_only_cross_attention": null,
       "mid_block_scale_factor": 1, "mid_block_type": "UNetMidBlock2DCrossAttn", "num_attention_heads": null,
       "only_cross_attention": false, "projection_class_embeddings_input_dim": 2816, "resnet_out_scale_factor": 1.0,
       "sample_size": 128, "time_cond_proj_dim": null, "time_embedding_act_fn": null, "time_embedding_dim": null,
       "time_embedding_type": "positional", "timestep_post_act": null, "transformer_layers_per_block": [1, 2, 10],
       "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], "upcast_attention": null,
       "use_linear_projection": true}
      """#)
    var expected = UNet2DConditionModelConfig()
    expected.downBlockTypes = [.downBlock2D, .crossAttnDownBlock2D, .crossAttnDownBlock2D]
    expected.upBlockTypes = [.crossAttnUpBlock2D, .crossAttnUpBlock2D, .upBlock2D]
    (expected.blockOutChannels, expected.attentionHeadDim) = ([320, 640, 1280], .each([5, 10, 20]))
    (expected.transformerLayersPerBlock, expected.crossAttentionDim) = (.each([1, 2, 10]), .all(2048))
    (expected.additionTimeEmbedDim, expected.projectionClassEmbeddingsInputDim) = (256, 2816)
    (expected.sampleHeight, expected.sampleWidth, expected.useLinearProjection) = (128, 128, true)
    #expect(config == expected)
  }

  @Test func everyParameterIsReadAndNoneIsLeftOver() throws {
    let folder = "\(Fixtures.folder)/unet_condition/sd1"
    let store = try ParameterStore(opening: "\(folder)/diffusion_pytorch_model.safetensors")
    var config = try UNet2DConditionModelConfig(json: Data(contentsOf: URL(filePath: "\(folder)/config.json")))
    config.midBlockType = .unetMidBlock2D
    // Diffusers leaves tensors out that a model does not read, and says so.
    let leftOver = try UNet2DConditionModel(config: config, parameters: store, threads: 1).fileNotes
    #expect(leftOver.count == 1 && leftOver.first?.contains("mid_block") == true, "\(leftOver)")
    (config.midBlockType, config.timeCondProjDim) = (.unetMidBlock2DCrossAttn, 4)
    let missing = #expect(throws: DiffusionError.self) {
      try UNet2DConditionModel(config: config, parameters: store, threads: 1)
    }
    #expect(missing?.message.contains("time_embedding.cond_proj.weight") == true, "\(missing?.message ?? "")")
  }
}
