import DiffusionCore
import Synchronization
import TestSupport
import Testing

/// A text encoder that transformers made, with tokens and what it makes of them.
struct CLIPTextFixture {
  static let names = ["quick-gelu", "gelu", "projection", "old-projection", "odd", "one", "wide"]

  let model: CLIPTextModel
  private let cases: TensorFile

  init(_ name: String, device: Device = .cpu, threads: Int = 2) throws {
    let folder = "\(Fixtures.folder)/text_encoders/\(name)"
    model = try CLIPTextModel(
      config: CLIPTextConfig(json: FileAccess.read("\(folder)/config.json"), file: "config.json"),
      parameters: ParameterStore(opening: "\(folder)/model.safetensors"),
      head: name.hasSuffix("projection") || name == "wide" ? .projection : .none, device: device, threads: threads)
    cases = try TensorFile("text_encoders/\(name)/cases.safetensors")
  }

  /// The numbers of tokens of the cases.
  var counts: [String] { cases.names.filter { $0.hasSuffix(".ids") }.map { String($0.dropLast(4)) } }

  func tokens(_ count: String) throws -> [[Int]] {
    let ids = try cases.floats("\(count).ids")
    return (0..<ids.shape[0]).map { text in
      (0..<ids.shape[1]).map { Int(ids.scalars[text * ids.shape[1] + $0]) }
    }
  }

  func expected(_ name: String) throws -> Tensor<Float>? {
    cases.names.contains(name) ? try cases.floats(name) : nil
  }

  /// The names of the tensors of a case that stand for stages: `stages.encoder.layers.0.layer_norm1`.
  func stages(_ count: String) -> [String] { cases.names.filter { $0.hasPrefix("\(count).stages.") } }
}

/// CLIP's text encoder against transformers.
@Suite struct CLIPTextConformanceTests {
  /// The difference of two tensors, relative to the largest element that was expected.
  private static func relativeDifference(_ found: Tensor<Float>, _ expected: Tensor<Float>) -> Double {
    largestDifference(found, expected) / Double(expected.scalars.map(\.magnitude).max() ?? 1)
  }

  @Test(arguments: CLIPTextFixture.names) func wholeTensorsAgree(name: String) throws {
    let fixture = try CLIPTextFixture(name)
    #expect(fixture.counts.contains("\(fixture.model.config.maxPositionEmbeddings)"))
    for count in fixture.counts {
      let tokens = try fixture.tokens(count)
      let output = try fixture.model(tokens), skipped = try fixture.model(tokens, clipSkip: 1)
      var found = [
        "last": output.lastHiddenState, "skipped": skipped.lastHiddenState, "pooled": output.pooledOutput,
      ]
      found["embeds"] = output.textEmbeds
      for (index, state) in output.hiddenStates.enumerated() { found["hidden.\(index)"] = state }
      #expect(output.hiddenStates.count == fixture.model.config.numHiddenLayers + 1)
      #expect(sameBits(output.pooledOutput, skipped.pooledOutput))
      for (key, tensor) in found {
        guard let expected = try fixture.expected("\(count).\(key)") else {
          // Long texts are kept without the states between layers.
          #expect(key.hasPrefix("hidden") && name == "wide")
          continue
        }
        #expect(Self.relativeDifference(tensor, expected) < 2e-5, "\(count).\(key)")
      }
    }
  }

  @Test(arguments: CLIPTextFixture.names) func stagesAgree(name: String) throws {
    let fixture = try CLIPTextFixture(name)
    for count in fixture.counts {
      let seen = Mutex<[String: Tensor<Float>]>([:])
      _ = try fixture.model.encode(
        fixture.tokens(count), observer: { layer, output in seen.withLock { $0[layer] = output } })
      let outputs = seen.withLock { $0 }
      for stage in fixture.stages(count) {
        let layer = String(stage.dropFirst("\(count).stages.".count))
        let output = try #require(outputs[layer], "\(layer)"), expected = try #require(try fixture.expected(stage))
        #expect(Self.relativeDifference(Self.tokensFirst(output), expected) < 2e-5, "\(stage)")
      }
    }
  }

  /// `[batch, channels, 1, tokens]` as `[batch, tokens, channels]`.
  private static func tokensFirst(_ tensor: Tensor<Float>) -> Tensor<Float> {
    let (batch, channels, tokens) = (tensor.shape[0], tensor.shape[1], tensor.shape[3])
    let scalars = (0..<batch).flatMap { text in
      (0..<tokens).flatMap { token in
        (0..<channels).map { tensor.scalars[(text * channels + $0) * tokens + token] }
      }
    }
    return Tensor(unchecked: [batch, tokens, channels], scalars)
  }
}

/// Bits depend on the model and the tokens, not on the device, threads or batch.
@Suite struct CLIPTextBitsTests {
  @Test(arguments: CLIPTextFixture.names) func devicesAndThreadsGiveTheSameBits(name: String) throws {
    let reference = try CLIPTextFixture(name, device: .cpuReference, threads: 1)
    for count in reference.counts {
      let tokens = try reference.tokens(count), expected = try reference.model(tokens)
      for device in UNetBitsTests.devices {
        for threads in [1, 2, 3, 7] {
          let model = try reference.model.on(device, threads: threads)
          #expect(model.threads == threads && model.device == device)
          #expect(Self.sameBits(try model(tokens), expected), "\(device), \(threads) threads, \(count) tokens")
        }
      }
    }
  }

  @Test(arguments: CLIPTextFixture.names) func aTextIsTheSameInABatch(name: String) throws {
    let fixture = try CLIPTextFixture(name)
    for count in fixture.counts {
      let tokens = try fixture.tokens(count), together = try fixture.model(tokens)
      for (index, text) in tokens.enumerated() {
        let alone = try fixture.model([text])
        #expect(TestSupport.sameBits(try together.lastHiddenState.images(index..<index + 1), alone.lastHiddenState))
        #expect(TestSupport.sameBits(try together.pooledOutput.images(index..<index + 1), alone.pooledOutput))
      }
    }
  }

  private static func sameBits(_ left: CLIPTextOutput, _ right: CLIPTextOutput) -> Bool {
    zip(left.hiddenStates, right.hiddenStates).allSatisfy { TestSupport.sameBits($0, $1) }
      && TestSupport.sameBits(left.lastHiddenState, right.lastHiddenState)
      && TestSupport.sameBits(left.pooledOutput, right.pooledOutput)
      && zip([left.textEmbeds].compactMap { $0 }, [right.textEmbeds].compactMap { $0 }).allSatisfy {
        TestSupport.sameBits($0, $1)
      } && (left.textEmbeds == nil) == (right.textEmbeds == nil)
  }
}

/// What a text encoder refuses, and what it says of itself.
@Suite struct CLIPTextUseTests {
  @Test(
    arguments: [
      ([[Int]](), 0, "tokens do not fit: expected texts with the same number of tokens, at least one"),
      ([[]], 0, "tokens do not fit: expected texts with the same number of tokens, at least one"),
      ([[1], [1, 2]], 0, "tokens do not fit: expected texts with the same number of tokens, at least one"),
      (
        [Array(repeating: 1, count: 10)], 0,
        "a text has 10 tokens: expected at most 9, max_position_embeddings"
      ),
      (
        [[1, 40]], 0,
        "token 40 is not in the text encoder's vocabulary: expected 0 to 39; "
          + "do tokenizer and text encoder belong together?"
      ),
      (
        [[-1]], 0,
        "token -1 is not in the text encoder's vocabulary: expected 0 to 39; "
          + "do tokenizer and text encoder belong together?"
      ),
      ([[1]], 3, "clip skip is 3: expected 0 to 2, the number of layers"),
      ([[1]], -1, "clip skip is -1: expected 0 to 2, the number of layers"),
    ]) func refusesWhatDoesNotFit(tokens: [[Int]], clipSkip: Int, message: String) throws
  {
    let model = try CLIPTextFixture("quick-gelu").model
    let error = try #require(throws: DiffusionError.self) { try model(tokens, clipSkip: clipSkip) }
    #expect(error.message == message)
    #expect(error.kind == .usage)
  }

  @Test(
    arguments: [
      (#"{"hidden_act":"relu"}"#, "f: hidden_act is 'relu': expected quick_gelu or gelu"),
      (#"{"vocab_size":0}"#, "f: vocab_size is 0: expected a whole number from 1 to 1073741824"),
      (#"{"num_hidden_layers":1025}"#, "f: num_hidden_layers is 1025: expected a whole number from 1 to 1024"),
      (#"{"num_attention_heads":7}"#, "f: num_attention_heads is 7: expected a divisor of hidden_size, 512"),
      (#"{"layer_norm_eps":-1}"#, "f: layer_norm_eps is -1.0: expected a number from 0"),
      (#"{"eos_token_id":[2,3]}"#, "f: eos_token_id is [2, 3]: expected a whole number"),
    ]) func configurationsAreChecked(json: String, message: String) throws
  {
    let error = try #require(throws: DiffusionError.self) { try CLIPTextConfig(json: json.utf8, file: "f") }
    #expect(error.message == message)
  }

  @Test func theTextPartOfAWholeModelIsRead() throws {
    let json = #"{"model_type":"clip","text_config":{"hidden_size":64},"hidden_size":7}"#
    #expect(try CLIPTextConfig(json: json.utf8).hiddenSize == 64)
    #expect(try CLIPTextConfig(json: "{}".utf8) == CLIPTextConfig())
  }

  @Test func weightsMustBelongToTheConfiguration() throws {
    let folder = "\(Fixtures.folder)/text_encoders"
    let store = try ParameterStore(opening: "\(folder)/projection/model.safetensors")
    let config = try CLIPTextConfig(json: FileAccess.read("\(folder)/projection/config.json"))
    let unused = try CLIPTextModel(config: config, parameters: store, threads: 1).fileNotes
    #expect(
      unused == [
        "\(folder)/projection/model.safetensors: the configuration has no use for tensor text_projection.weight: "
          + "left out, as in Diffusers"
      ])
    var other = config
    other.numHiddenLayers = 3
    let missing = try #require(throws: DiffusionError.self) {
      try CLIPTextModel(config: other, parameters: store, head: .projection, threads: 1)
    }
    #expect(missing.message.contains("tensor encoder.layers.2.layer_norm1.weight of shape [16] is missing"))
  }

  @Test(arguments: CLIPTextFixture.names) func everyParameterIsDescribed(name: String) throws {
    let store = try ParameterStore(opening: "\(Fixtures.folder)/text_encoders/\(name)/model.safetensors")
    let count = store.names.reduce(0) { $0 + (store.shape(of: $1) ?? []).reduce(1, *) }
    let model = try CLIPTextFixture(name).model
    #expect(model.describe(tokens: 1).parameterCount == count)
    #expect(!store.names.contains { $0.hasSuffix("position_ids") })
  }

  @Test func progressCanStopAPass() throws {
    struct Stop: Error {}
    let model = try CLIPTextFixture("quick-gelu").model
    #expect(throws: Stop.self) {
      try model([[1]], progress: { if $0.block == "encoder.layers.1" { throw Stop() } })
    }
  }
}

/// The text encoder of the second demo model, with the numbers of its card.
@Suite struct SDEmojiTextTests {
  private static let folder = Fixtures.folder.replacing("Tests/Fixtures", with: "Sources/DemoModel/sd-emoji-64")

  @Test(
    .enabled(if: FileAccess.kind(of: folder) == .folder),
    arguments: [
      ("grinning face", [620, 515], 1498.6606), ("pizza", [560, 760, 320], 1562.1545),
      ("red heart", [720, 541], 1562.7685), ("angry cat", [812, 572], 1520.9349), ("", [], 1154.4154),
    ] as [(String, [Int], Double)]) func theCardsNumbersComeOut(prompt: String, ids: [Int], sum: Double) throws
  {
    let config = try CLIPTextConfig(json: FileAccess.read("\(Self.folder)/text_encoder/config.json"))
    let tokenizer = try CLIPTokenizer(
      opening: "\(Self.folder)/tokenizer", maximumLength: config.maxPositionEmbeddings)
    let model = try CLIPTextModel(
      config: config, parameters: ParameterStore(opening: "\(Self.folder)/text_encoder/model.safetensors"), threads: 2)
    let tokens = tokenizer(prompt).tokens.map(\.id)
    #expect(tokens == [1022] + ids + Array(repeating: 1023, count: 15 - ids.count))
    let found = try model([tokens]).lastHiddenState.scalars.reduce(0) { $0 + Double($1.magnitude) }
    #expect(abs(found - sum) < 1e-3)
  }
}
