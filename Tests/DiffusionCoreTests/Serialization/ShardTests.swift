import DiffusionCore
import TestSupport
import Testing

@Suite struct ShardTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private static let index = "diffusion_pytorch_model.safetensors.index.json"

  private func open(index: String, shards: [String: [String]]) throws -> ParameterStore {
    for (name, tensors) in shards { try scratch.write(SafeTensorsBytes.zeros(tensors), name) }
    return try ParameterStore(openingShardsOf: scratch.write(index, "index.json"))
  }

  @Test func readsWhatSavePretrainedWrites() throws {
    let store = try ParameterStore(openingShardsOf: "\(Fixtures.folder)/serialization/sharded/\(Self.index)")
    #expect(store.names == ["conv_in.bias", "conv_in.weight", "conv_out.bias"])
    #expect(try store.read("conv_in.bias", shape: [3]) == [0, 1, 2])
    #expect(try store.read("conv_out.bias", shape: [4]) == [0, 1, 2, 3])
    #expect(store.shape(of: "conv_in.weight") == [3, 2, 3, 3])
  }

  @Test func aMissingTensorIsLookedForInTheIndex() throws {
    let store = try open(
      index: #"{"weight_map":{"a":"1.safetensors"}}"#, shards: ["1.safetensors": ["a"]])
    let error = try #require(throws: DiffusionError.self) { try store.read("z", shape: [1]) }
    #expect(error.message.hasPrefix("\(scratch.path)/index.json: tensor z of shape [1] is missing"))
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let index: String
    var shards: [String: [String]] = ["1.safetensors": ["a"], "2.safetensors": ["b"]]
    var kind = DiffusionError.Kind.badData
    /// `@` stands for the folder.
    let message: String
    var testDescription: String { message }
  }

  @Test(arguments: [
    Case(
      index: #"{"weight_map":{"a":"1.safetensors","b":"3.safetensors"}}"#, kind: .missingInput,
      message: "@/3.safetensors: missing, but @/index.json names it; fetch the model again"),
    Case(
      index: #"{"weight_map":{"a":"1.safetensors","b":"1.safetensors"}}"#,
      message: "@/1.safetensors: tensor b is missing, but @/index.json places it there"),
    Case(
      index: #"{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}"#,
      shards: ["1.safetensors": ["a", "b"], "2.safetensors": ["b"]],
      message: "@/2.safetensors: tensor b is also in @/1.safetensors"),
    Case(
      index: #"{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}"#,
      shards: ["1.safetensors": ["a", "c"], "2.safetensors": ["b"]],
      message: "@/1.safetensors: tensor c is not in @/index.json"),
    Case(
      index: #"{"weight_map":{"a":"../1.safetensors"}}"#,
      message: "@/index.json: \"../1.safetensors\" is not the name of a .safetensors file next to the index"),
    Case(
      index: #"{"weight_map":{"a":"1.bin"}}"#,
      message: "@/index.json: \"1.bin\" is not the name of a .safetensors file next to the index"),
    Case(index: "{}", message: "@/index.json: \"weight_map\" is missing"),
    Case(index: #"{"weight_map":[]}"#, message: "@/index.json: \"weight_map\" is not an object"),
    Case(index: #"{"weight_map":{"a":1}}"#, message: "@/index.json: \"weight_map\" > \"a\" is not a string"),
    Case(index: "", message: "@/index.json: not valid JSON: line 1, column 1: expected a value, found the end"),
  ])
  func disagreementsAreNamed(_ test: Case) throws {
    let message = test.message.replacing("@", with: scratch.path)
    #expect(throws: DiffusionError(test.kind, message)) { try open(index: test.index, shards: test.shards) }
  }
}
