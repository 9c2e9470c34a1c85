import DiffusionCore
import TOMLKit

/// One `[[run]]` of a file of runs.
struct RunTable {
  /// How a key's value is taken over.
  typealias Reading = @Sendable (RunTable, String, inout RunsFile.Run) throws -> Void

  /// Every key that a run may have.
  private static let keys: [(name: String, read: Reading)] = [
    ("model", { $2.model = try $0.text($1) }),
    ("seed", { ($2.settings.seeds, $2.settings.batchSize) = ([try $0.seed($1)], 1) }),
    ("steps", { $2.settings.steps = try $0.whole($1, in: 1...OptionRange.maximumSteps) }),
    ("eta", { $2.settings.eta = Float(try $0.number($1, in: 0...1)) }),
    ("scheduler", { $2.scheduler = try $0.name($1) { try SchedulerName(parsing: $0) } }),
    (
      "device",
      { table, key, run in
        let base = run.settings.device
        run.settings.device = try table.name(key) { try base.named($0) }
      }
    ),
    ("noise-device", { $2.settings.noiseDevice = try $0.name($1) { try NoiseDevice(parsing: $0) } }),
    ("multiprocessors", { $2.settings.multiprocessors = try $0.whole($1, in: 1...OptionRange.maximumMultiprocessors) }),
    ("threads", { $2.settings.threads = try $0.whole($1, in: 1...OptionRange.maximumThreads) }),
    ("use-clipped-model-output", { $2.settings.useClippedModelOutput = try $0.truth($1) }),
  ]

  private let table: TOMLTable
  /// The file and the run, for errors.
  private let place: String

  init(_ table: TOMLTable, place: String) {
    (self.table, self.place) = (table, place)
  }

  /// The run that the table describes, with the base's values for what it leaves out.
  func run(base: RunsFile.Run) throws -> RunsFile.Run {
    let names = Self.keys.map(\.name)
    if let unknown = table.keys.sorted().first(where: { !names.contains($0) }) {
      throw DiffusionError(.badData, "\(place): \(unknown) is unknown: expected \(names.joined(separator: ", "))")
    }
    var run = base
    for (name, read) in Self.keys where table.contains(key: name) { try read(self, name, &run) }
    return run
  }

  private func text(_ key: String) throws -> String {
    guard let text = table[key]?.string, !text.isEmpty else { throw wrong(key, "a text") }
    return text
  }

  /// A name that the engine reads, and whose error it words.
  private func name<Value>(_ key: String, _ parse: (String) throws -> Value) throws -> Value {
    let text = try text(key)
    do {
      return try parse(text)
    } catch let error as DiffusionError {
      let kind = error.kind == .usage ? .badData : error.kind
      throw DiffusionError(kind, "\(place): \(key): \(error.message)")
    }
  }

  /// TOML's whole numbers end at 2^63-1, so a larger seed is a text.
  private func seed(_ key: String) throws -> Seed {
    let value = table[key]
    guard let digits = value?.int.map(String.init) ?? value?.string, let seed = try? Seed(parsing: digits) else {
      throw wrong(key, "a whole number from -2^63 to 2^64-1; one above 2^63-1 as a text")
    }
    return seed
  }

  private func whole(_ key: String, in range: ClosedRange<Int>) throws -> Int {
    guard let value = table[key]?.int, range.contains(value) else {
      throw wrong(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  private func number(_ key: String, in range: ClosedRange<Double>) throws -> Double {
    let value = table[key]
    guard let number = value?.double ?? value?.int.map(Double.init), range.contains(number) else {
      throw wrong(key, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private func truth(_ key: String) throws -> Bool {
    guard let value = table[key]?.bool else { throw wrong(key, "true or false") }
    return value
  }

  private func wrong(_ key: String, _ expected: String) -> DiffusionError {
    let value = table[key]
    let found = value?.string.map { "\"\($0)\"" } ?? value?.tomlValue.debugDescription ?? "missing"
    return DiffusionError(.badData, "\(place): \(key) is \(found): expected \(expected)")
  }
}
