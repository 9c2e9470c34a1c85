import DiffusionCore

extension LessonParser {
  private static let keys = [
    "seed", "seeds", "batch-size", "image", "call", "steps", "eta", "device", "noise", "threads", "weights",
    "variation",
  ]

  /// Reads one of `[[runs]]`.
  func run(_ table: LessonTable) throws -> LessonRun {
    try table.refuseUnknown(but: Self.keys)
    var run = LessonRun()
    run.seeds = try seeds(table)
    run.batchSize = try table.integer("batch-size", in: 1...PaneLimit.images, else: run.seeds.count)
    guard run.seeds.count == 1 || run.seeds.count == run.batchSize else {
      throw table.error("batch-size", "is \(run.batchSize): expected \(run.seeds.count), one image for each seed")
    }
    run.selection = try selection(table, batchSize: run.batchSize)
    run.steps = try table.integer("steps", in: 1...1000, else: run.steps)
    if table.has("eta") { run.eta = Float(try table.number("eta", in: 0...1)) }
    run.device = try device(table)
    run.noiseDevice = try table.choice("noise", among: NoiseDevice.allCases, default: nil, name: \.rawValue) ?? .cpu
    if table.has("threads") { run.threads = try table.integer("threads", in: 1...RunSettings.maximumThreads) }
    run.weights =
      try table.choice("weights", among: WeightPrecision.allCases, default: nil, name: \.rawValue) ?? .float32
    run.variation = try variation(table)
    return run
  }

  private func seeds(_ table: LessonTable) throws -> [Seed] {
    if table.has("seed"), table.has("seeds") { throw table.error("seed", "and seeds exclude each other") }
    if table.has("seeds") {
      return try table.integers("seeds", in: .min ... .max, count: 1...PaneLimit.images).map { Seed($0) }
    }
    return [Seed(try table.integer("seed", in: .min ... .max, else: 0))]
  }

  private func selection(_ table: LessonTable, batchSize: Int) throws -> NoiseSelection {
    NoiseSelection(
      call: try table.integer("call", in: 1...NoiseSelection.maximumCall, else: 1),
      image: table.has("image") ? try table.integer("image", in: 1...batchSize) : nil)
  }

  private func device(_ table: LessonTable) throws -> String? {
    guard let name = try table.optionalText("device", such: "cpu:portable") else { return nil }
    guard Device.names.contains(name) else {
      throw table.error("device", "is \"\(name)\": expected one of \(Device.names.joined(separator: ", "))")
    }
    return name
  }

  private func variation(_ table: LessonTable) throws -> NoiseVariation? {
    guard table.has("variation") else { return nil }
    let inner = try table.subtable("variation", such: "{ seed = 1, strength = 0.2 }")
    try inner.refuseUnknown(but: ["seed", "strength"])
    return NoiseVariation(
      seed: Seed(try inner.integer("seed", in: .min ... .max)), strength: try inner.number("strength", in: 0...1))
  }
}
