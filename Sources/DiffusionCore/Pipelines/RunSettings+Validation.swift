extension RunSettings {
  /// The settings with the batch that the seeds make.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the setting, what it holds and what it may hold.
  package func resolved() throws -> RunSettings {
    var settings = self
    guard !seeds.isEmpty else { throw DiffusionError(.usage, "there is no seed: expected at least one") }
    guard batchSize >= 1 else {
      throw DiffusionError(.usage, "batch size \(batchSize) is too small: expected at least 1")
    }
    // The default batch of 1 grows with the list; any other number has to agree with it.
    if seeds.count > 1, batchSize != 1 { try Self.requireGenerators(seeds.count, forBatch: batchSize) }
    if seeds.count > 1 { settings.batchSize = seeds.count }
    guard (0...1).contains(eta) else {
      throw DiffusionError(.usage, "eta \(eta) is out of range: expected 0 (DDIM) to 1 (DDPM)")
    }
    guard multiprocessors >= 1 else {
      throw DiffusionError(.usage, "multiprocessors \(multiprocessors) is too small: expected at least 1")
    }
    guard threads >= 1 else { throw DiffusionError(.usage, "threads \(threads) is too small: expected at least 1") }
    settings.scheduler = try scheduler.map { try SchedulerClass(named: $0).className }
    try variation?.validate()
    try selection.validate(batchSize: settings.batchSize)
    return settings
  }

  /// Refuses a list of generators whose length is not the batch size, in Diffusers' words.
  package static func requireGenerators(_ count: Int, forBatch batchSize: Int) throws {
    guard count == batchSize else {
      throw DiffusionError(
        .usage,
        "You have passed a list of generators of length \(count), but requested an effective batch size of \(batchSize). "
          + "Make sure the batch size matches the length of the generators.")
    }
  }
}
