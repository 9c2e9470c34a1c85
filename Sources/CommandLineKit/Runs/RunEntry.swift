import DiffusionCore
import DiffusionTUI
import TOMLKit

/// One `[[run]]` of a file of runs.
struct RunEntry {
  private enum Key: String, CaseIterable {
    case model, seed, steps, eta, scheduler, device, multiprocessors, weights, threads, call
    case noiseDevice = "noise-device"
    case variationSeed = "variation-seed"
    case variationStrength = "variation-strength"
    case batchSize = "batch-size"
    // After the batch size, which says how many images there are.
    case image
    case useClippedModelOutput = "use-clipped-model-output"
  }

  private let table: TOMLTable
  /// The file and the run, for errors.
  private let place: String

  init(_ table: TOMLTable, place: String) {
    (self.table, self.place) = (table, place)
  }

  /// The run that the table describes, with the base's values for what it leaves out.
  func run(base: RunsFile.Run) throws -> RunsFile.Run {
    let names = Key.allCases.map(\.rawValue)
    if let unknown = table.keys.sorted().first(where: { !names.contains($0) }) {
      throw DiffusionError(.badData, "\(place): \(unknown) is unknown: expected \(names.joined(separator: ", "))")
    }
    var run = base
    for key in Key.allCases where table.contains(key: key.rawValue) { try read(key, into: &run) }
    return run
  }

  private func read(_ key: Key, into run: inout RunsFile.Run) throws {
    switch key {
    case .model: run.model = ModelReference(try text(key))
    case .seed: (run.settings.seeds, run.settings.batchSize) = ([try seed(key)], 1)
    case .steps: run.settings.steps = try whole(key, in: 1...OptionRange.maximumSteps)
    case .eta: run.settings.eta = Float(try number(key, in: 0...1))
    case .scheduler: run.scheduler = try choice(key)
    case .device:
      let base = run.settings.device
      run.settings.device = try name(key) { try base.named($0) }
    case .multiprocessors: run.settings.multiprocessors = try whole(key, in: 1...OptionRange.maximumMultiprocessors)
    case .weights: run.settings.weights = try choice(key)
    case .batchSize: run.settings.batchSize = try whole(key, in: 1...State.maximumImages)
    case .call: run.settings.selection.call = try whole(key, in: 1...NoiseSelection.maximumCall)
    case .image: run.settings.selection.image = try whole(key, in: 1...max(1, run.settings.batchSize))
    case .threads: run.settings.threads = try whole(key, in: 1...OptionRange.maximumThreads)
    case .noiseDevice: run.settings.noiseDevice = try choice(key)
    case .variationSeed:
      let strength = try number(.variationStrength, in: 0...1)
      run.settings.variation = NoiseVariation(seed: try seed(key), strength: strength)
    case .variationStrength:
      guard value(.variationSeed) != nil else {
        throw DiffusionError(.badData, "\(place): variation-strength says nothing without variation-seed: give both")
      }
    case .useClippedModelOutput: run.settings.useClippedModelOutput = try truth(key)
    }
  }

  private func value(_ key: Key) -> (any TOMLValueConvertible)? { table[key.rawValue] }

  private func text(_ key: Key) throws -> String {
    guard let text = value(key)?.string, !text.isEmpty else { throw wrong(key, "a text") }
    return text
  }

  /// One of a few names.
  private func choice<Value: CaseIterable & RawRepresentable<String>>(_ key: Key) throws -> Value {
    guard let found = value(key)?.string.flatMap(Value.init(rawValue:)) else {
      throw wrong(key, Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
    }
    return found
  }

  /// A name that the engine reads, and whose error it words.
  private func name<Value>(_ key: Key, _ parse: (String) throws -> Value) throws -> Value {
    let text = try text(key)
    do {
      return try parse(text)
    } catch let error as DiffusionError {
      let kind = error.kind == .usage ? .badData : error.kind
      throw DiffusionError(kind, "\(place): \(key.rawValue): \(error.message)")
    }
  }

  /// TOML's whole numbers end at 2^63-1, so a larger seed is a text.
  private func seed(_ key: Key) throws -> Seed {
    let found = value(key)
    guard let digits = found?.int.map(String.init) ?? found?.string, let seed = try? Seed(parsing: digits) else {
      throw wrong(key, "a whole number from -2^63 to 2^64-1; one above 2^63-1 as a text")
    }
    return seed
  }

  private func whole(_ key: Key, in range: ClosedRange<Int>) throws -> Int {
    guard let found = value(key)?.int, range.contains(found) else {
      throw wrong(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return found
  }

  private func number(_ key: Key, in range: ClosedRange<Double>) throws -> Double {
    let found = value(key)
    guard let number = found?.double ?? found?.int.map(Double.init), range.contains(number) else {
      throw wrong(key, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private func truth(_ key: Key) throws -> Bool {
    guard let found = value(key)?.bool else { throw wrong(key, "true or false") }
    return found
  }

  private func wrong(_ key: Key, _ expected: String) -> DiffusionError {
    let value = value(key)
    let found = value?.string.map { "\"\($0)\"" } ?? value?.tomlValue.debugDescription ?? "missing"
    return DiffusionError(.badData, "\(place): \(key.rawValue) is \(found): expected \(expected)")
  }
}
