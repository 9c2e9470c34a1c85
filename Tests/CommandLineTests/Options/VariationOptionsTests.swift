import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Testing

@Suite struct VariationOptionsTests {
  private struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "program")
  }

  private func variation(_ arguments: [String]) throws -> NoiseVariation? {
    try GenerateOptions.parse(arguments).request(drawSeed: { 1 }).settings.variation
  }

  @Test func thereIsNoneByDefault() throws { #expect(try variation([]) == nil) }

  @Test(arguments: [
    (["--variation-seed", "-7", "--variation-strength", "0.25"], NoiseVariation(seed: -7, strength: 0.25)),
    (["--variation-strength=1", "--variation-seed=0"], NoiseVariation(seed: 0, strength: 1)),
  ])
  func bothOptionsArrive(arguments: [String], expected: NoiseVariation) throws {
    #expect(try variation(arguments) == expected)
  }

  @Test(arguments: [
    (["--variation-seed", "1"], "--variation-strength is missing: expected a decimal from 0 to 1"),
    (["--variation-strength", "1"], "--variation-seed is missing: expected a whole number from -2^63 to 2^64-1"),
    (["--variation-seed", "x", "--variation-strength", "1"], "--variation-seed 'x' is not a whole number"),
    (["--variation-seed", "1", "--variation-strength", "1.01"], "--variation-strength 1.01 is not a decimal"),
    (["--variation-seed", "1", "--variation-strength", "-0.5"], "--variation-strength -0.5 is not a decimal"),
    (["--variation-seed", "1", "--variation-strength", "nan"], "--variation-strength 'nan' is not a decimal"),
  ])
  func wrongOnesAreNamed(arguments: [String], start: String) throws {
    let error = try #require(throws: DiffusionError.self) { try variation(arguments) }
    #expect(error.kind == .usage)
    let line = CommandOutcome(error, of: Command.self).errorLine?.text
    #expect(line?.hasPrefix("program: " + start) == true, "\(line ?? "")")
  }
}
