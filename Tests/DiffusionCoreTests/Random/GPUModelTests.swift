import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

@Suite("The cards whose noise is drawn")
struct GPUModelTests {
  /// Ends of tensors that users of the cards printed, with four digits.
  struct Printed: Sendable, CustomTestStringConvertible {
    let card: String
    let seed: Seed
    let shape: [Int]
    var scale = 1.0, shift = 0.0
    let values: [Double]

    var testDescription: String { "\(card), seed \(seed), \(shape)" }
  }

  @Test(
    "published numbers of cards that hold fewer threads than 2048",
    arguments: [
      Printed(
        card: "a4000", seed: 14, shape: [1000, 100], scale: 5.0.squareRoot(), shift: 5,
        values: [8.2207, 6.5395, 4.2604]),
      Printed(card: "rtx3060", seed: 42, shape: [1, 64, 2048], values: [-0.4841, 1.2850, -0.0282]),
    ])
  func published(_ printed: Printed) throws {
    let model = try #require(GPUModel.named(printed.card))
    var settings = RunSettings(generatorDevice: .cuda, gpuModel: model, threads: 1)
    func end() throws -> [Double] {
      let drawn: Tensor<Float> = try Generator(device: settings.noiseDevice).manualSeed(printed.seed).randn(
        printed.shape)
      return drawn.scalars.suffix(3).map { Double($0) * printed.scale + printed.shift }
    }
    for (found, expected) in zip(try end(), printed.values) { #expect((found - expected).magnitude <= 0.500_1e-4) }
    // The number of multiprocessors alone says as much, and 2048 threads give other numbers.
    settings = RunSettings(generatorDevice: .cuda, multiprocessors: model.multiprocessors, threads: 1)
    for (found, expected) in zip(try end(), printed.values) { #expect((found - expected).magnitude <= 0.500_1e-4) }
    settings.threadsPerMultiprocessor = 2048
    #expect(zip(try end(), printed.values).contains { ($0 - $1).magnitude > 1e-3 })
  }

  @Test("every card has a name of its own, and is found in the spellings of drivers and shops")
  func names() {
    #expect(Set(GPUModel.all.map(\.name)).count == GPUModel.all.count)
    for model in GPUModel.all {
      #expect(GPUModel.named(model.name) == model && GPUModel.named("NVIDIA \(model.title)") == model)
      #expect([1024, 1536, 2048].contains(model.threadsPerMultiprocessor))
    }
    let spellings = [
      "RTX A4000": "a4000", "NVIDIA GeForce RTX 3060": "rtx3060", "Tesla T4": "t4",
      "rtx-4070-ti-super": "rtx4070tisuper",
      "H100 PCIe": "h100pcie",
    ]
    for (spelling, name) in spellings { #expect(GPUModel.named(spelling)?.name == name) }
    #expect(GPUModel.named("rtx2080") == nil && GPUModel.named("") == nil)
  }

  @Test(
    "a number of multiprocessors tells the threads where all cards with it agree",
    arguments: [
      (132, 2048, true), (108, 2048, true), (48, 1536, true), (28, 1536, true), (40, 1024, true), (58, 1536, true),
      (80, 2048, false), (20, 2048, false), (56, 2048, false), (7, 2048, false),
    ])
  func threads(multiprocessors: Int, threads: Int, isKnown: Bool) {
    let found = GPUModel.threads(ofMultiprocessors: multiprocessors)
    #expect(found.perMultiprocessor == threads && found.isKnown == isKnown)
    let text = RunSettings(multiprocessors: multiprocessors, threads: 1).cardText
    #expect(text == "\(multiprocessors) multiprocessors of \(threads) threads\(isKnown ? "" : " (assumed)")")
  }

  private func request(_ values: [Setting: String]) throws -> RunRequest {
    var request = RunRequest.plain
    for setting in Setting.all {
      if let text = values[setting] { try setting.assign(text: text, to: &request) }
    }
    return request
  }

  @Test("a card sets both numbers; another number replaces it")
  func settings() throws {
    var request = try request([.gpuModel: "RTX A4000"])
    #expect(request.settings.card == .cuda(multiprocessors: 48, threadsPerMultiprocessor: 1536))
    #expect(Setting.gpuModel.text(of: request) == "a4000" && request.settings.cardText.hasPrefix("RTX A4000, 48 "))
    try Setting.multiprocessors.assign(text: "48", to: &request)
    #expect(request.settings.gpuModel?.name == "a4000")
    try Setting.multiprocessors.assign(text: "108", to: &request)
    #expect(request.settings.gpuModel == nil)
    #expect(request.settings.card == .cuda(multiprocessors: 108, threadsPerMultiprocessor: 2048))
    try Setting.gpuModel.assign(text: "t4", to: &request)
    try Setting.threadsPerMultiprocessor.assign(text: "1536", to: &request)
    #expect(request.settings.gpuModel == nil)
    #expect(request.settings.card == .cuda(multiprocessors: 40, threadsPerMultiprocessor: 1536))
    let error = try #require(throws: DiffusionError.self) { try self.request([.gpuModel: "rtx2080"]) }
    #expect(error.message.contains("gpu_model") && error.message.contains("rtx4090"))
  }

  @Test("a card's name beside the numbers of another card is refused; its own may stand there")
  func conflicts() throws {
    func values(_ options: [String: [String]]) throws -> RunSettings {
      var request = RunRequest.plain
      try SettingValues(options: options).assign(to: &request)
      return request.settings
    }
    #expect(try values(["gpu_model": ["a4000"], "multiprocessors": ["48"]]).gpuModel?.name == "a4000")
    for (option, number, own) in [("multiprocessors", "20", "48"), ("threads_per_multiprocessor", "2048", "1536")] {
      let error = try #require(throws: DiffusionError.self) { try values(["gpu_model": ["a4000"], option: [number]]) }
      #expect(error.kind == .usage && error.message.hasPrefix("gpu_model a4000 has \(own) "), "\(error)")
    }
  }

  @Test("receipts say the threads unless they are 2048, which those of version 0.1.0 mean")
  func receipts() throws {
    func read(_ settings: RunSettings, without key: String? = nil) throws -> (RunSettings, [String: SettingValue]) {
      let data = try JSONEncoder().encode(ReceiptSettings(settings))
      var object = try JSONDecoder().decode([String: SettingValue].self, from: data)
      let written = object
      if let key { object[key] = nil }
      let receipt = try JSONDecoder().decode(ReceiptSettings.self, from: JSONEncoder().encode(object))
      return (receipt.runSettings, written)
    }
    let key = "threads_per_multiprocessor"
    for multiprocessors in [132, 108, 20] {
      let settings = RunSettings(generatorDevice: .cuda, multiprocessors: multiprocessors, threads: 1)
      let (found, object) = try read(settings)
      #expect(found == settings && object[key] == nil && object["gpu_model"] == nil)
    }
    let small = RunSettings(generatorDevice: .cuda, multiprocessors: 48, threads: 1)
    let (found, object) = try read(small)
    #expect(found == small && object[key] == .integer(1536))
    let former = try read(small, without: key).0
    #expect(former.card == .cuda(multiprocessors: 48, threadsPerMultiprocessor: 2048))
    #expect(try read(former).0 == former && read(former).1[key] == nil)
    let named = RunSettings(generatorDevice: .cuda, gpuModel: GPUModel.named("a100"), threads: 1)
    #expect(try read(named).0 == named && read(named).1["gpu_model"] == .text("a100"))
  }
}
