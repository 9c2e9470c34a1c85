import DiffusionCore
import TestSupport
import Testing

@Suite struct ParameterStoreTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func store(_ names: [String]) throws -> ParameterStore {
    try ParameterStore(opening: scratch.write(SafeTensorsBytes.zeros(names), "x.safetensors"))
  }

  private var path: String { "\(scratch.path)/x.safetensors" }

  @Test func namesAreSortedAndShapesAreThere() throws {
    let store = try store(["b", "c", "a"])
    #expect(store.names == ["a", "b", "c"])
    #expect(store.shape(of: "b") == [1])
    #expect(store.shape(of: "d") == nil)
    #expect(try store.read("b", shape: [1]) == [0])
  }

  @Test func aMissingTensorIsNamed() throws {
    let error = DiffusionError(
      .badData, "\(path): tensor d of shape [2, 3] is missing; do the weights belong to this configuration?")
    let store = try store(["a"])
    #expect(throws: error) { try store.read("d", shape: [2, 3]) }
  }

  /// The same number of elements is not the same shape.
  @Test(arguments: [[], [2], [1, 1], [0]])
  func aMisshapenTensorIsNamed(_ shape: [Int]) throws {
    let store = try store(["a"])
    #expect(
      throws: DiffusionError(.badData, "\(path): tensor a has shape [1], but the configuration needs \(shape)")
    ) { try store.read("a", shape: shape) }
  }

  @Test(
    arguments: [
      (["a", "b", "c", "d", "e"], nil),
      (["a", "b", "c", "d"], "tensor e"),
      (["b", "c", "d"], "tensors a, e"),
      ([], "tensors a, b, c and 2 more"),
    ] as [([String], String?)])
  func tensorsLeftOverAreNamed(_ used: [String], _ extra: String?) throws {
    let store = try store(["a", "b", "c", "d", "e"])
    let note = extra.map { "\(path): the configuration has no use for \($0): left out, as in Diffusers" }
    #expect(store.notes(used: Set(used)) == (note.map { [$0] } ?? []))
  }

  @Test(arguments: [
    ("mid_block.attentions.0.query.weight", "mid_block.attentions.0.to_q.weight"),
    ("down_blocks.1.attentions.0.key.bias", "down_blocks.1.attentions.0.to_k.bias"),
    ("up_blocks.2.attentions.12.value.weight", "up_blocks.2.attentions.12.to_v.weight"),
    ("mid_block.attentions.0.proj_attn.bias", "mid_block.attentions.0.to_out.0.bias"),
    ("mid_block.attentions.0.to_q.weight", "mid_block.attentions.0.to_q.weight"),
    ("mid_block.attentions.0.group_norm.weight", "mid_block.attentions.0.group_norm.weight"),
    ("mid_block.query.weight", "mid_block.query.weight"),
    ("attentions.0.query.running", "attentions.0.query.running"),
    ("query", "query"), ("", ""), ("...", "..."),
  ])
  func oldAttentionNamesBecomeCurrent(_ old: String, _ new: String) throws {
    #expect(try store([old]).withCurrentAttentionNames().names == [new])
  }

  @Test func errorsNameATensorAsTheFileDoes() throws {
    let store = try store(["m.attentions.0.query.weight"]).withCurrentAttentionNames()
    let shape = DiffusionError(
      .badData,
      "\(path): tensor m.attentions.0.query.weight (for m.attentions.0.to_q.weight) has shape [1], "
        + "but the configuration needs [2, 2]")
    #expect(throws: shape) { try store.read("m.attentions.0.to_q.weight", shape: [2, 2]) }
    let extra =
      "\(path): the configuration has no use for tensor m.attentions.0.query.weight: left out, as in Diffusers"
    #expect(store.notes(used: []) == [extra])
  }

  /// `ModelMixin._fix_state_dict_keys_on_load` overwrites the new name; it leaves shards alone.
  @Test(arguments: [("weights.safetensors", "query"), ("weights.safetensors.index.json", "to_q")])
  func ofAParameterUnderBothNamesDiffusersTakesOne(file: String, taken: String) throws {
    let names = ["m.attentions.0.query.bias", "m.attentions.0.to_q.bias"]
    let header = names.enumerated().map { index, name in
      #""\#(name)":{"dtype":"F32","shape":[1],"data_offsets":[\#(4 * index),\#(4 * index + 4)]}"#
    }
    let data = [Float(1), 2].flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
    let bytes = SafeTensorsBytes.file(header: "{\(header.joined(separator: ","))}", data: data)
    let scratch = try ScratchFolder(), path = try scratch.write(bytes, "weights.safetensors")
    let store = try ParameterStore(files: [SafeTensorsFile(opening: path)], path: "\(scratch.path)/\(file)")
      .withCurrentAttentionNames().rounded(to: .float32)
    #expect(store.names == [names[1]])
    #expect(try store.read(names[1], shape: [1]) == [taken == "query" ? 1 : 2])
    #expect(
      store.notes(used: Set(store.names)) == [
        "\(path): tensors \(names[0]) and \(names[1]) are both the parameter \(names[1]): "
          + "m.attentions.0.\(taken).bias is taken, as in Diffusers"
      ])
  }
}
