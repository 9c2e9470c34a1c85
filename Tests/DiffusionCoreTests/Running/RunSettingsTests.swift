import DiffusionCore
import Testing

@Suite("Settings of a run")
struct RunSettingsTests {
  @Test("one seed draws for the batch; several set the batch size")
  func batch() throws {
    #expect(try RunSettings(seeds: [1], batchSize: 3, threads: 1).resolved().batchSize == 3)
    #expect(try RunSettings(seeds: [1, 2], threads: 1).resolved().batchSize == 2)
    #expect(try RunSettings(seeds: [1, 2], batchSize: 2, threads: 1).resolved().batchSize == 2)
  }

  @Test("a list whose length is not the batch size is refused with Diffusers' message")
  func listLength() {
    let expected = DiffusionError(
      .usage,
      "You have passed a list of generators of length 2, but requested an effective batch size of 3. "
        + "Make sure the batch size matches the length of the generators.")
    #expect(throws: expected) { try RunSettings(seeds: [1, 2], batchSize: 3, threads: 1).resolved() }
    #expect(throws: expected) { try RunSettings.requireGenerators(2, forBatch: 3) }
  }

  @Test(
    "values out of range are refused by name",
    arguments: [
      (RunSettings(seeds: [], threads: 1), "there is no seed"),
      (RunSettings(batchSize: 0, threads: 1), "batch_size 0 is not a whole number of at least 1"),
      (RunSettings(eta: 1.5, threads: 1), "eta 1.5 is not a decimal from 0 to 1"),
      (RunSettings(eta: -0.5, threads: 1), "eta -0.5"),
      (RunSettings(eta: .nan, threads: 1), "eta nan"),
      (RunSettings(multiprocessors: 0, threads: 1), "multiprocessors 0 is not a whole number"),
      (RunSettings(threads: 0), "threads 0 is not a whole number from 1 to 1024"),
    ])
  func outOfRange(settings: RunSettings, start: String) {
    let error = #expect(throws: DiffusionError.self) { try settings.resolved() }
    #expect(error?.kind == .usage)
    #expect(error?.message.hasPrefix(start) == true)
  }

  @Test("there is at least one processor")
  func processors() { #expect(Device.processorCount >= 1) }
}
