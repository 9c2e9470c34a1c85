import ArgumentParser
import CommandLineKit
import DiffusionCore
import Testing

@Suite struct VariationOptionsTests {
  private func variation(_ arguments: [String]) throws -> NoiseVariation? {
    try GenerateOptions.parse(arguments).request(drawSeed: { 1 }).settings.variation
  }

  @Test func thereIsNoneUnlessAskedFor() throws { #expect(try variation([]) == nil) }

  @Test(arguments: [
    (["--variation-seed", "-7", "--variation-strength", "0.25"], NoiseVariation(seed: -7, strength: 0.25)),
    (["--variation-strength=1", "--variation-seed=0"], NoiseVariation(seed: 0, strength: 1)),
  ])
  func bothOptionsArrive(arguments: [String], expected: NoiseVariation) throws {
    #expect(try variation(arguments) == expected)
  }

  @Test(arguments: [
    (["--variation-seed", "1"], "--variation-seed"), (["--variation-strength", "1"], "--variation-strength"),
    (["--variation-seed", "x", "--variation-strength", "1"], "--variation-seed: 'x'"),
    (["--variation-seed", "1", "--variation-strength", "1.01"], "--variation-strength: 1.01"),
    (["--variation-seed", "1", "--variation-strength", "-0.5"], "--variation-strength: -0.5"),
    (["--variation-seed", "1", "--variation-strength", "nan"], "--variation-strength: nan"),
  ])
  func wrongOnesAreNamed(arguments: [String], start: String) throws {
    let error = try #require(throws: DiffusionError.self) { try variation(arguments) }
    #expect(error.kind == .usage)
    #expect(error.message.hasPrefix(start), "\(error.message)")
  }
}
