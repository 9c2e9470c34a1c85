import DemoModel
import DiffusionCore
import Foundation
import TestSupport
import Testing

@Suite("The table of settings")
struct SettingTests {
  @Test("has an entry for every setting of a run")
  func complete() {
    let settings = RunRequest.unusual.settings
    // A card of this machine is no setting of its own.
    let left = ["selection", "sizes", "installedCard"]
    let own = Mirror(reflecting: settings).children.compactMap(\.label).filter { !left.contains($0) }
    let parts =
      Mirror(reflecting: settings.selection).children.count + Mirror(reflecting: settings.sizes).children.count
    #expect(Setting.ofRunSettings.count == own.count + parts)
    #expect(Setting.all.filter { $0.isUsual(in: .unusual) } == [])
    #expect(Setting.all.filter { !$0.isUsual(in: .plain) } == [])
  }

  @Test("has unique names, in letters that every format accepts")
  func names() {
    let names = Setting.all.flatMap { setting in
      Set([setting.name] + setting.aliases + setting.options.map(\.name)).map { ($0, setting) }
    }
    #expect(Set(names.map(\.0)).count == names.count)
    #expect(names.allSatisfy { $0.0.allSatisfy { $0 == "_" || ("a"..."z").contains($0) } })
    for setting in Setting.all {
      #expect(Setting.named(setting.name) == setting)
      #expect(
        !setting.label.isEmpty && !setting.hint(for: .plain).long.isEmpty && !setting.hint(for: .plain).short.isEmpty)
      #expect(setting.options.allSatisfy { $0.help.count > 20 })
    }
  }

  @Test("reads back each value that it printed, wrote or put on a command line", arguments: Setting.all)
  func roundTrip(setting: Setting) throws {
    for (from, to) in [(RunRequest.unusual, RunRequest.plain), (.plain, .unusual)] {
      // An image needs a batch, and a strength or an inversion a picture.
      var typed = to, written = to, given = to
      if setting == .image || setting == .strength || setting == .invert {
        typed.settings.batchSize = 3
        typed.settings.initImage = .demo
        (written, given) = (typed, typed)
      }
      // A card by name has threads of its own.
      if setting == .threadsPerMultiprocessor {
        typed.settings.gpuModel = nil
        (written, given) = (typed, typed)
      }
      // Where a refiner takes over needs one.
      if setting == .denoisingEnd {
        typed.settings.refiner = .promptDemo
        (written, given) = (typed, typed)
      }
      // Without a picture there is no strength to put there.
      if setting == .strength, from.settings.initImage == nil { continue }
      try setting.assign(text: setting.text(of: from), to: &typed)
      #expect(setting.value(of: typed) == setting.value(of: from))
      let json = try JSONEncoder().encode(setting.value(of: from))
      try setting.assign(try JSONDecoder().decode(SettingValue.self, from: json), to: &written)
      #expect(setting.value(of: written) == setting.value(of: from))
      let words = setting.arguments(setting.value(of: from))
      guard !words.isEmpty else { continue }
      try SettingValues(options: Self.options(words)).assign(to: &given)
      #expect(setting.value(of: given) == setting.value(of: from), "\(words)")
    }
  }

  /// Options by their names in files, from the arguments of a command line.
  private static func options(_ words: [String]) -> [String: [String]] {
    var options: [String: [String]] = [:]
    var name = ""
    for word in words {
      if word.hasPrefix("--") {
        name = String(word.dropFirst(2)).replacing("-", with: "_")
        options[name, default: []] += Setting.option(named: name)?.valueName == nil ? ["true"] : []
      } else {
        options[name, default: []].append(word)
      }
    }
    return options
  }

  @Test("refuses an invalid value, with the setting's name and the values allowed", arguments: Setting.all)
  func refuses(setting: Setting) throws {
    var request = RunRequest.plain
    let text = [.model, .refiner, .initImage].contains(setting) ? "  " : "?!"
    let takesAnyText = setting == .prompt || setting == .negativePrompt
    for refuse in [
      { try takesAnyText ? setting.assign(.bool(true), to: &request) : setting.assign(text: text, to: &request) },
      { try setting.assign(.list([.table(["x": .bool(true)])]), to: &request) },
    ] {
      let error = try #require(throws: DiffusionError.self) { try refuse() }
      let fault = try #require(error.setting)
      #expect(error.kind == .usage && fault.name == setting.name && !fault.expected.isEmpty)
      #expect(error.message.hasPrefix(setting.name + " ") && error.message.hasSuffix("is not \(fault.expected)"))
      #expect(!error.message.contains("--") && !error.message.contains("\n"))
    }
    #expect(request == .plain)
  }

  @Test("is read under every former name, with hyphens and underscores", arguments: Setting.all)
  func aliases(setting: Setting) throws {
    for name in [setting.name] + setting.aliases {
      for key in Set([name, name.replacing("_", with: "-")]) {
        var request = RunRequest.plain(for: setting), values = SettingValues()
        #expect(try values.add(setting.value(of: .unusual), under: key))
        try values.assign(to: &request)
        #expect(setting.value(of: request) == setting.value(of: .unusual))
        #expect(setting.isCalled(key))
      }
    }
  }

  @Test("knows the former names")
  func formerNames() throws {
    for (key, setting) in [
      ("noise-device", Setting.generatorDevice), ("noise_device", .generatorDevice), ("noise", .generatorDevice),
      ("generator-device", .generatorDevice), ("seed", .seeds), ("seeds", .seeds), ("batch-size", .batchSize),
    ] { #expect(Setting.all.filter { $0.isCalled(key) } == [setting]) }
    var values = SettingValues(), request = RunRequest.plain
    #expect(try values.add(.integer(9), under: "variation-seed"))
    #expect(try values.add(.number(0.25), under: "variation-strength"))
    #expect(try !values.add(.integer(9), under: "guidance"))
    try values.assign(to: &request)
    #expect(request.settings.variation == NoiseVariation(seed: 9, strength: 0.25))
  }

  @Test("reports the name as it was written")
  func writtenNames() throws {
    func message(_ entries: [(String, SettingValue)]) throws -> String {
      var values = SettingValues(), request = RunRequest.plain
      let error = try #require(throws: DiffusionError.self) {
        for (key, value) in entries { _ = try values.add(value, under: key) }
        try values.assign(to: &request)
      }
      return error.setting?.keyMessage ?? error.message
    }
    #expect(try message([("noise-device", .text("tpu"))]) == "noise-device is \"tpu\": expected one of cpu, cuda")
    #expect(try message([("seed", .text("x"))]).hasPrefix("seed is \"x\": expected a whole number from -2^63"))
    #expect(try message([("seed", .list([.integer(1)]))]).hasPrefix("seed is [1]: expected a whole number"))
    #expect(
      try message([("variation-seed", .integer(1))]).hasPrefix("variation-strength is missing: expected a decimal"))
    #expect(try message([("variation_seed", .integer(1))]).hasPrefix("variation_strength is missing"))
    let table = SettingValue.table(["seed": .integer(1), "strength": .integer(2)])
    #expect(try message([("variation", table)]) == "variation.strength is 2: expected a decimal from 0 to 1")
    #expect(try message([("seed", .integer(1)), ("seeds", .integer(2))]) == "seed and seeds exclude each other")
    #expect(
      try message([("noise", .text("cpu")), ("noise_device", .text("cpu"))])
        == "noise and noise_device exclude each other")
    #expect(try message([("steps", .integer(1)), ("steps", .integer(2))]) == "steps is given twice")
  }

  @Test("states what is recreated: only settings of the noise change the noise")
  func restarts() throws {
    let pipeline = try DDIMPipeline.load(DemoModel.source, threads: 1)
    func noise(_ settings: RunSettings) throws -> Tensor<Float> {
      let start: RunStart = settings.initImage == nil ? .noise : .picture(try DemoModel.picture)
      return try pipeline.run(settings, from: start).initialNoise
    }
    let usual = try noise(RunSettings(batchSize: 3, threads: 1))
    // An unconditional model refuses the settings of a prompt, stages and sizes: PipelineVariantsTests has the errors.
    let ofPrompts = Setting.ofPrompts + Setting.ofStages + Setting.ofSizes + [.height, .width]
    for setting in Setting.ofRunSettings where setting != .device && !ofPrompts.contains(setting) {
      var request = RunRequest.plain(for: setting)
      if setting == .batchSize {
        request.settings.batchSize = 2
      } else if setting == .schedulerOptions {
        request.settings.schedulerOptions = ["beta_start": .number(0.25)]
      } else {
        try setting.assign(setting.value(of: .unusual), to: &request)
      }
      let isSame = try noise(request.settings).isBitEqual(to: usual)
      // The card affects CUDA noise of more elements only.
      let isOfCard = [.gpuModel, .multiprocessors, .threadsPerMultiprocessor].contains(setting)
      #expect(isSame == (setting.restarts != .noise || isOfCard), "\(setting.name)")
    }
  }
}
