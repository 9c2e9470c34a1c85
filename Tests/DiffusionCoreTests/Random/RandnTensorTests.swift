import DiffusionCore
import Testing

/// `randn_tensor` of Diffusers 0.42.1.
@Suite("randnTensor")
struct RandnTensorTests {
  @Test func oneGeneratorDrawsTheWholeBatch() throws {
    let drawn = try randnTensor([2, 3, 4, 4], generator: Generator().manualSeed(9))
    #expect(try drawn == Generator().manualSeed(9).randn([2, 3, 4, 4]))
  }

  @Test func aListDrawsOneImageFromEach() throws {
    let seeds: [Seed] = [4, 5, 6]
    let drawn = try randnTensor([3, 5, 7], generators: seeds.map { Generator().manualSeed($0) }, as: Double.self)
    let expected = try seeds.flatMap { try Generator().manualSeed($0).randn([1, 5, 7], as: Double.self).scalars }
    #expect(drawn.shape == [3, 5, 7])
    #expect(drawn.scalars == expected)
  }

  @Test func aListOfOneActsAsASingleGenerator() throws {
    let drawn = try randnTensor([3, 5, 7], generators: [Generator().manualSeed(4)])
    #expect(try drawn == Generator().manualSeed(4).randn([3, 5, 7]))
  }

  @Test func generatorsBeyondTheBatchAreUnchanged() throws {
    let generators = [1, 2, 3].map { Generator().manualSeed(Seed($0)) }
    let before = generators[2].getState()
    let drawn = try randnTensor([2, 20], generators: generators)
    #expect(drawn.shape == [2, 20])
    #expect(generators[2].getState() == before)
    #expect(generators[1].getState() != Generator().manualSeed(2).getState())
  }

  @Test(arguments: [0, 2, 3])
  func listsThatAreTooShortAreRefused(length: Int) throws {
    let generators = (0..<length).map { Generator().manualSeed(Seed($0)) }
    let error = #expect(throws: DiffusionError.self) { try randnTensor([4, 20], generators: generators) }
    #expect(
      error?.message
        == "You have passed a list of generators of length \(length), but requested an effective batch size of 4. "
        + "Make sure the batch size matches the length of the generators.")
  }

  @Test func cudaGeneratorsAreRefusedForACPUTensor() throws {
    let cuda = Generator(device: .cuda())
    let text = "Cannot generate a cpu tensor from a generator of type cuda."
    #expect(throws: DiffusionError(.usage, text)) { try randnTensor([1, 4], generator: cuda) }
    #expect(throws: DiffusionError(.usage, text)) { try randnTensor([1, 4], generators: [cuda]) }
    #expect(throws: DiffusionError(.usage, text)) { try randnTensor([2, 4], generators: [cuda, Generator()]) }
    #expect(throws: DiffusionError(.usage, "Expected a 'cpu' device type for generator but found 'cuda'")) {
      try randnTensor([2, 4], generators: [Generator(), cuda])
    }
    #expect(cuda.getState() == Generator(device: .cuda()).getState())
  }

  @Test func drawNoiseTakesCUDAGenerators() throws {
    let expected = try [1, 2].map { try Generator(device: .cuda()).manualSeed(Seed($0)).randn([1, 40]).scalars }
    let generators = [1, 2].map { Generator(device: .cuda()).manualSeed(Seed($0)) }
    #expect(try drawNoise([2, 40], generators: generators).scalars == expected.flatMap(\.self))
    #expect(try drawNoise([1, 40], generator: Generator(device: .cuda()).manualSeed(2)).scalars == expected[1])
  }

  @Test(arguments: [[], [-2, 4], [2, -4], [1 << 31, 1 << 31, 4]])
  func impossibleShapesAreRefused(shape: [Int]) {
    #expect(throws: DiffusionError.self) { try randnTensor(shape, generator: Generator()) }
    #expect(throws: DiffusionError.self) { try randnTensor(shape, generators: [Generator()]) }
    #expect(throws: DiffusionError.self) { try randnTensor(shape, generators: [Generator(), Generator()]) }
  }
}
