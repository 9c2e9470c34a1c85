import DiffusionCore
import Foundation
import TestSupport
import Testing

@Suite("The settings in a receipt")
struct ReceiptSettingsTests {
  private let unusual = RunSettings(
    seeds: [-1, 18_446_744_073_709_551], batchSize: 2, steps: 3, eta: 0.1, device: .cpuReference,
    generatorDevice: .cuda, gpuModel: GPUModel.named("l4"), threads: 5, useClippedModelOutput: true,
    variation: NoiseVariation(seed: 4, strength: 0.3), weights: .bfloat16,
    selection: NoiseSelection(call: 2, image: 1), scheduler: "ddim", schedulerOptions: ["steps_offset": .integer(1)],
    initImage: .demo, strength: 0.3,
    branches: [RunBranch(step: 2, changes: ["eta": .integer(1), "scheduler": .null])], prompts: ["a", "b"],
    negativePrompt: "c", guidanceScale: 3, guidanceRescale: 0.5, height: 64, width: 32,
    promptBlend: PromptBlend(prompt: "d", strength: 0.25), classLabels: [.number(1), .name("e")], invert: true,
    priorSteps: 4, superResSteps: 5, priorGuidanceScale: 2, sizes: .unusual, refiner: .promptDemo, denoisingEnd: 0.5)

  private func object(_ settings: RunSettings) throws -> [String: Any] {
    let data = try JSONEncoder().encode(ReceiptSettings(settings))
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// If a new setting of the engine were missing here, two different runs could have the same receipt.
  @Test("every setting is encoded but the device and the threads")
  func complete() throws {
    // A card of this machine is encoded by its numbers.
    let left = ["device", "threads", "installedCard"]
    let names = Mirror(reflecting: unusual).children.compactMap(\.label).filter { !left.contains($0) }
    #expect(try object(unusual).count == names.count)
  }

  @Test("decode to what was encoded, for any device")
  func roundTrip() throws {
    let data = try JSONEncoder().encode(ReceiptSettings(unusual))
    let back = try JSONDecoder().decode(ReceiptSettings.self, from: data)
    #expect(back.runSettings(device: .cpuReference, threads: 5) == unusual)
    #expect(back.runSettings == back.runSettings(device: .cpu, threads: 1))
  }

  @Test("a rare setting is encoded only if it is not the default")
  func omitted() throws {
    #expect(try object(RunSettings(threads: 1))["variation"] == nil)
    #expect(try object(RunSettings(threads: 1))["weights"] == nil)
    #expect(try object(unusual)["weights"] as? String == "bfloat16")
    #expect((try object(unusual)["variation"] as? [String: Any])?["strength"] as? Double == 0.3)
  }

  @Test("a branch keeps its step and its changes, but for the device and the threads")
  func branches() throws {
    var settings = unusual
    settings.branches[0].changes["device"] = .text("cpu:portable")
    settings.branches[0].changes["threads"] = .integer(2)
    #expect(ReceiptSettings(settings).runSettings == ReceiptSettings(unusual).runSettings)
    let branch = try #require((try object(settings)["branches"] as? [[String: Any]])?.first)
    #expect(branch.count == 3 && branch["at"] as? Int == 2 && branch["eta"] as? Int == 1)
    #expect(branch["scheduler"] as? String == "own")
    #expect(try object(RunSettings(threads: 1))["branches"] == nil)
  }

  @Test("seeds keep all 64 bits", arguments: ["-9223372036854775808", "-1", "0", "18446744073709551615"])
  func seeds(text: String) throws {
    let seed = try Seed(parsing: text)
    let json = try JSONEncoder().encode([seed])
    #expect(String(decoding: json, as: UTF8.self) == "[\(text)]")
    #expect(try JSONDecoder().decode([Seed].self, from: json) == [seed])
  }
}
