import DiffusionCore
import TestSupport
import Testing

@Suite("Schedulers equal Diffusers")
struct SchedulerConformanceTests {
  /// The tolerance of a step for its table alone: zero, unless betas are rescaled to zero terminal SNR. That subtracts
  /// nearly equal square roots, of which PyTorch's are off by one unit for a fifth of all numbers: its sigmas are up to
  /// 1.9e-3 from binary64's, where correct roots stay within 4.6e-4.
  private func tableShare(_ replay: SchedulerReplay) throws -> Double {
    guard replay.chain.config["rescale_betas_zero_snr"] == .bool(true) else { return 0 }
    guard let sigmas = replay.chain.sigmas.map(replay.arrays.floats) else { return 2e-5 }
    let terms = try replay.scheduler.timesteps.indices.map {
      try replay.scheduler.terms(at: $0, options: SchedulerOptions()).quantities
        .filter { !["sigma at start", "sigma in the middle", "sigma without noise"].contains($0.label) }.map(\.value)
    }
    // The first sigma is 4096: a step from there to a small one is a difference with an error of one of its units.
    let shares = zip(terms, sigmas).map { values, sigma -> Double in
      let difference = (values[0] - sigma).magnitude / sigma
      let unit = sigma.ulp / max(1, values[1])
      return Double(difference + unit)
    }
    return 2 * (shares.max() ?? 0)
  }

  /// What one unit in the last place of PyTorch's logarithms can change in a step of a solver with exponential factors,
  /// as a share of the result: 2^-20 (lambda is below 16) of the products, which may cancel, and for differences of
  /// predictions, which are divided by a step of lambda, as much of that step.
  private func logarithmShare(
    _ replay: SchedulerReplay, _ step: Int, _ sample: Tensor<Float>, _ output: SchedulerOutput, _ expected: [Float]
  ) throws -> Double {
    let terms = try replay.scheduler.terms(at: step, options: replay.options)
    guard let lambdaStep = terms.quantities.first(where: { $0.label == "lambda step" })?.value else { return 0 }
    let taken = DenoisingStep(
      index: step, terms: terms, sample: sample, modelOutput: sample, output: output, seconds: 0)
    func largest(_ scalars: [Float]) -> Double { Double(scalars.lazy.map(\.magnitude).max() ?? 0) }
    let products = terms.terms.map { term in
      let product = Double(term.coefficient.magnitude) * largest(taken[term.operand]?.scalars ?? [])
      return term.operand.name.contains("difference") ? product / min(1, Double(lambdaStep.magnitude)) : product
    }
    return 0x1p-20 * products.reduce(0, +) / largest(expected)
  }

  /// A difference as a multiple of a share of the expected tensor's largest magnitude: single elements may cancel.
  private func off(_ found: [Float], _ expected: [Float], share: Double) -> Double {
    let largest = expected.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0
    return tolerancesOff(found, expected, relative: 0, absolute: share * Double(max(largest, 1e-6)))
  }

  @Test("every step, from Diffusers' sample", arguments: RecordedScheduler.all)
  func steps(_ recorded: RecordedScheduler) throws {
    let loaded = try recorded.load()
    var checked = 0, worst = 0.0
    for (place, chain) in loaded.recorded.chains.enumerated() {
      var replay = try SchedulerReplay(recorded, chain, of: loaded)
      _ = try replay.noise()
      var sample = Tensor(unchecked: replay.recorded.shape, replay.arrays.floats(chain.sample))
      #expect(replay.scheduler.timesteps.count == chain.timesteps.count, "chain \(place)")
      let share = 2e-5 + (try tableShare(replay))
      #expect(share < 4e-3)
      for step in replay.scheduler.timesteps.indices {
        let what = "chain \(place), step \(step)"
        let own = replay
        let (_, output) = try replay.take(step, from: sample) { index, call in
          if let told = own.chain.modelTimesteps.map(own.arrays.floats)?[index] {
            #expect((call.timestep - told).magnitude <= 1e-5 * told.magnitude, "\(what)")
          }
          guard let expected = own.slice(chain.modelInput, index) else { return call.sample }
          #expect(off(call.sample.scalars, expected, share: share) <= 1, "\(what)")
          return Tensor(unchecked: call.sample.shape, expected)
        }
        let expected = try #require(replay.slice(chain.prevSample, step))
        let share = max(share, try logarithmShare(replay, step, sample, output, expected))
        #expect(off(output.prevSample.scalars, expected, share: share) <= 1, "\(what)")
        if share == 2e-5 { worst = max(worst, off(output.prevSample.scalars, expected, share: 1)) }
        if let original = replay.slice(chain.predOriginalSample, step) {
          #expect(off(output.predOriginalSample.scalars, original, share: share) <= 1, "\(what)")
        }
        sample = Tensor(unchecked: sample.shape, expected)
        checked += 1
      }
    }
    #expect(checked > 400)
    print("measured: \(recorded.schedulerClass.className), one step: \(worst) of its largest value (limit 2e-5)")
  }

  @Test(
    "whole runs, to within 1e-4, and leave their generators in the same state",
    arguments: RecordedScheduler.all)
  func runs(_ recorded: RecordedScheduler) throws {
    let loaded = try recorded.load()
    var worst = 0.0
    for (place, chain) in loaded.recorded.chains.enumerated() {
      var replay = try SchedulerReplay(recorded, chain, of: loaded)
      let noise = try replay.noise()
      let sigma = replay.scheduler.initNoiseSigma
      var sample = noise.map { $0 * sigma }
      let share = try tableShare(replay)
      #expect(
        off(sample.scalars, replay.arrays.floats(chain.sample), share: 1e-5 + share) <= 1,
        "chain \(place)")
      for step in replay.scheduler.timesteps.indices {
        sample = try replay.take(step, from: sample).output.prevSample
      }
      let expected = try #require(
        replay.slice(chain.prevSample, replay.scheduler.timesteps.count - 1))
      #expect(off(sample.scalars, expected, share: 1e-4 + share) <= 1, "chain \(place)")
      if share == 0 { worst = max(worst, off(sample.scalars, expected, share: 1)) }
      let states = replay.generators.map {
        $0.getState().withUnsafeBytes { ContentHash.sha256($0) }
      }
      #expect(states == chain.generatorStates, "chain \(place)")
    }
    print("measured: \(recorded.schedulerClass.className), whole runs: \(worst) of the largest value (limit 1e-4)")
  }

  @Test("the equation adds up to x_{t-1}", arguments: RecordedScheduler.all)
  func equation(_ recorded: RecordedScheduler) throws {
    let loaded = try recorded.load()
    for (place, chain) in loaded.recorded.chains.enumerated() where chain.variance == nil {
      var replay = try SchedulerReplay(recorded, chain, of: loaded)
      let noise = try replay.noise()
      let sigma = replay.scheduler.initNoiseSigma
      var sample = noise.map { $0 * sigma }
      for step in replay.scheduler.timesteps.indices {
        let terms = try replay.scheduler.terms(at: step, options: replay.options)
        let (modelOutput, output) = try replay.take(step, from: sample)
        let taken = DenoisingStep(
          index: step, terms: terms, sample: sample, modelOutput: modelOutput, output: output,
          seconds: 0)
        var sum = [Float](repeating: 0, count: sample.count)
        for term in terms.terms {
          guard let tensor = taken[term.operand] else {
            #expect(
              term.coefficient == 0 || !term.coefficient.isFinite, "chain \(place), step \(step)")
            continue
          }
          for index in sum.indices { sum[index] += term.coefficient * tensor.scalars[index] }
        }
        #expect(
          off(sum, output.prevSample.scalars, share: 1e-4) <= 1, "chain \(place), step \(step)")
        #expect(terms.timestep == replay.scheduler.timesteps[step])
        sample = output.prevSample
      }
    }
  }

  @Test(
    "timesteps, sigmas and the scale of the noise, for many numbers of steps",
    arguments: RecordedScheduler.all)
  func timesteps(_ recorded: RecordedScheduler) throws {
    let (fixtures, arrays) = try recorded.load()
    for (place, item) in fixtures.timesteps.enumerated() {
      let scheduler: any Scheduler
      do {
        scheduler = try recorded.scheduler(item.config, item.schedule, steps: item.steps)
      } catch let error as DiffusionError where error.message.contains("begin with timestep 0 twice") {
        // Diffusers sets these timesteps, and runs out of sigmas in the last step.
        #expect(recorded.schedulerClass.shortName == "dpm-multi-inverse")
        continue
      }
      let isRescaled = item.config["rescale_betas_zero_snr"] == .bool(true)
      try check(
        scheduler, item.timesteps, item.sigmas, item.initNoiseSigma, arrays, isRescaled: isRescaled,
        "case \(place)")
    }
    for (place, item) in fixtures.schedules.enumerated() {
      let scheduler = try recorded.scheduler(item.config)
      if let products = item.alphasCumprod.map(arrays.floats) {
        #expect(
          tolerancesOff(scheduler.alphasCumprod, products, relative: 1e-5, absolute: 1e-7) <= 1,
          "table \(place)")
      }
      guard let timesteps = item.timesteps else { continue }
      let isRescaled = item.config["rescale_betas_zero_snr"] == .bool(true)
      try check(
        scheduler, timesteps, item.sigmas, item.initNoiseSigma, arrays, isRescaled: isRescaled,
        "table \(place)")
    }
  }

  private func check(
    _ scheduler: any Scheduler, _ timesteps: SchedulerFixtures.Place,
    _ sigmas: SchedulerFixtures.Place?,
    _ initNoiseSigma: Float?, _ arrays: SchedulerArrays, isRescaled: Bool,
    _ what: String
  ) throws {
    if let sigmas {
      let levels = try scheduler.timesteps.indices.map {
        try scheduler.terms(at: $0, options: SchedulerOptions())
      }
      let starts = levels.compactMap { $0.quantities.first { $0.label == "sigma" }?.value }
      let ends = levels.compactMap { $0.quantities.first { $0.label == "sigma after" }?.value }
      let expectedSigmas = arrays.floats(sigmas)
      let lost = scheduler is KDPM2AncestralDiscreteScheduler ? lostDigits(expectedSigmas) : 0
      let share = isRescaled ? 2e-3 : 1e-5 + lost
      #expect(starts.count == levels.count && ends.count == levels.count)
      #expect(tolerancesOff(starts, expectedSigmas, relative: share, absolute: 0) <= 1, "\(what)")
      #expect(
        tolerancesOff(ends, expectedSigmas.dropFirst(), relative: share, absolute: 0) <= 1,
        "\(what)")
      // Whole timesteps are equal, and others within 1e-5.
      let expected = arrays.floats(timesteps)
      #expect(scheduler.timesteps.count == expected.count, "\(what)")
      // A timestep between two calls is one hundredth or more of a logarithm of sigma.
      let worst = tolerancesOff(scheduler.timesteps, expected, relative: 1e-5, absolute: 1e-5 + 100 * lost)
      #expect(worst <= 1, "\(what)")
      if lost == 0, expected.allSatisfy({ $0 == $0.rounded() }) {
        #expect(scheduler.timesteps == expected, "\(what)")
      }
    } else if type(of: scheduler).hasTrainingTimesteps {
      #expect(scheduler.timesteps == arrays.integers(timesteps).map(Float.init), "\(what)")
    } else {
      #expect(scheduler.timesteps.count == timesteps.count, "\(what)")
      #expect(
        tolerancesOff(scheduler.timesteps, arrays.floats(timesteps), relative: 1e-5, absolute: 0) <= 1, "\(what)")
    }
    guard let initNoiseSigma else { return }
    #expect(
      (scheduler.initNoiseSigma - initNoiseSigma).magnitude <= 1e-5 * initNoiseSigma, "\(what)")
  }

  /// The relative error of a sigma between two calls of ancestral sampling: sqrt(to^2 - up^2) is a difference of nearly
  /// equal squares where a step is long, and PyTorch's up is off by a unit for a fifth of all numbers.
  private func lostDigits(_ levels: [Float]) -> Double {
    let ends = levels.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    let ratios = zip(ends, ends.dropFirst()).filter { $0.1 > 0 }.map { Double(($0.0 / $0.1) * ($0.0 / $0.1)) }
    return min(1, Double(Float.ulpOfOne) * (ratios.max() ?? 0))
  }

  @Test("the forward process", arguments: RecordedScheduler.all)
  func forward(_ recorded: RecordedScheduler) throws {
    let (fixtures, arrays) = try recorded.load()
    func tensor(_ place: SchedulerFixtures.Place) -> Tensor<Float> {
      Tensor(unchecked: fixtures.shape, arrays.floats(place))
    }
    let scheduler = try recorded.scheduler(
      [:], steps: fixtures.chains.first?.sigmas == nil ? nil : 12)
    let (sample, noise) = (tensor(fixtures.modelOutput[0]), tensor(fixtures.modelOutput[1]))
    for item in fixtures.noises {
      // Timesteps that are not whole differ in their last digits.
      let own = item.timesteps.map { timestep in
        scheduler.timesteps.first { ($0 - timestep).magnitude <= 1e-5 * timestep } ?? timestep
      }
      let noisy = try scheduler.addNoise(sample, noise: noise, timesteps: own)
      #expect(off(noisy.scalars, arrays.floats(item.addNoise), share: 1e-5) <= 1)
      guard let expected = item.getVelocity else { continue }
      let velocity = try scheduler.getVelocity(sample, noise: noise, timesteps: item.timesteps)
      #expect(off(velocity.scalars, arrays.floats(expected), share: 1e-5) <= 1)
    }
  }
}
