import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

/// The output of `generate_scheduler_steps.py` for one class of schedulers: Diffusers' own results and their inputs.
/// The arrays are those of the same folder, which ``arrays`` reads.
struct SchedulerStepFixtures<Config: Decodable & Sendable>: Decodable, Sendable {
  typealias Place = SchedulerFixtures.Place

  /// A whole run, from the noise of its generators times `init_noise_sigma`. Arrays have an entry for each step, those
  /// of the model for each call.
  struct Chain: Decodable, Sendable {
    let config: Config
    /// The arguments of `set_timesteps` beside the number of steps; nil for none.
    let schedule: Config?
    /// The number of inference steps.
    let steps: Int
    /// One generator, or one for each image.
    let seeds: [Int]
    /// binary32 for schedulers over sigmas, otherwise 32-bit integers.
    let timesteps: Place
    /// The noise times `init_noise_sigma`.
    let sample: Place
    /// The learned variances, for each call of four; nil if the model predicts none.
    let variance: [Place]?
    /// The noise level of each call's sample and the last one: one more than timesteps, or two more for log-linear
    /// ones; nil for classes over alpha-bars.
    let sigmas: Place?
    let initNoiseSigma: Float?
    /// The argument of `set_begin_index`; nil if it was not called.
    let beginIndex: Int?
    /// The arguments of `step`; nil for none.
    let step: Arguments?
    /// The results of `scale_model_input` for each sample; nil if it changes nothing.
    let modelInput: Place?
    /// What the model was told in each call; nil where it is the timestep.
    let modelTimesteps: Place?
    let prevSample: Place
    /// Nil for PNDM, which predicts none.
    let predOriginalSample: Place?
    /// SHA-256 of each generator's `get_state()` after the run.
    let generatorStates: [String]
  }

  /// Arguments of `step`.
  struct Arguments: Decodable, Sendable {
    let sChurn, sTmin, sTmax, sNoise, eta: Float?
    let order: Int?
    let useClippedModelOutput: Bool?
  }

  /// The tables of a scheduler before `set_timesteps`.
  struct Schedule: Decodable, Sendable {
    let config: Config
    /// Nil for classes that have no betas.
    let betas: Place?
    let alphasCumprod: Place?
    let initNoiseSigma: Float
    let finalAlphaCumprod: Float?
    let timesteps: Place?
    let sigmas: Place?
  }

  /// The results of `set_timesteps`.
  struct Timesteps: Decodable, Sendable {
    let config: Config
    let schedule: Config?
    let steps: Int
    let timesteps: Place
    let sigmas: Place?
    let initNoiseSigma: Float?
    /// The number of PNDM's Runge-Kutta timesteps.
    let prkCount: Int?
  }

  /// The forward process of `model_output[0]` as the sample and `model_output[1]` as the noise, with the standard
  /// options; Euler's after `set_timesteps(12)`.
  struct Noise: Decodable, Sendable {
    let timesteps: [Float]
    let addNoise: Place
    let getVelocity: Place?
  }

  let shape: [Int]
  /// The output of model call `i` for an input x is `modelOutput[i % 4] + 0.25 * x`.
  let modelOutput: [Place]
  let chains: [Chain]
  let schedules: [Schedule]
  let timesteps: [Timesteps]
  let noises: [Noise]

  /// Reads the index of a folder: `ddpm`, `euler` or `pndm`.
  static func load(_ name: String) throws -> Self {
    let path = SchedulerFixtures.folder + name + "/index.json"
    return try SchedulerFixtures.decoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// Every array of a folder.
  static func arrays(_ name: String) throws -> SchedulerArrays {
    SchedulerArrays(bytes: try Data(contentsOf: URL(filePath: SchedulerFixtures.folder + name + "/arrays.bin")))
  }
}

/// The numbers from the generators of Diffusers' runs equal the engine's, independent of the scheduler.
@Suite("The generators of whole runs of other schedulers")
struct SchedulerStepNoiseTests {
  /// An index with only the option of schedulers that says whether a solver draws noise.
  struct Algorithm: Decodable, Sendable {
    let algorithm_type: String?
    let stochastic_sampling: Bool?
    let noise_sampler_seed: Int?
  }
  typealias Recorded = SchedulerStepFixtures<Algorithm>

  @Test(
    "begin with the same noise and end in the same state",
    arguments: SchedulerClass.all.map(\.shortName).filter { $0 != "ddim" })
  func generators(name: String) throws {
    let recorded = try Recorded.load(name), arrays = try Recorded.arrays(name)
    try #require(recorded.chains.count > 40)
    for (index, chain) in recorded.chains.enumerated() {
      let generators = chain.seeds.map { Generator().manualSeed(Seed($0)) }
      let noise: Tensor<Float> = try randnTensor(recorded.shape, generators: generators)
      let scale = chain.initNoiseSigma ?? 1
      #expect(noise.scalars.map { $0 * scale } == arrays.floats(chain.sample), "chain \(index)")
      for _ in 0..<draws(chain, of: name, arrays) {
        let _: Tensor<Float> = try randnTensor(recorded.shape, generators: generators)
      }
      // Its noise has generators of its own, with seeds of these.
      if name == "dpm-sde", chain.config.noise_sampler_seed == nil {
        for generator in generators { _ = generator.seedOfNoise() }
      }
      let states = generators.map { $0.getState().withUnsafeBytes { ContentHash.sha256($0) } }
      #expect(states == chain.generatorStates, "chain \(index)")
    }
  }

  /// The number of draws of a run after its noise.
  private func draws(_ chain: Recorded.Chain, of name: String, _ arrays: SchedulerArrays) -> Int {
    switch name {
    case "ddim-parallel": return (chain.step?.eta ?? 0) > 0 ? chain.timesteps.count : 0
    case "cm": return chain.timesteps.count > 1 ? chain.timesteps.count : 0
    case "ddpm", "ddpm-parallel", "unclip": return arrays.integers(chain.timesteps).count { $0 > 0 }
    case "flow-euler": return chain.config.stochastic_sampling == true ? chain.timesteps.count : 0
    case "flow-heun":
      guard let sigmas = chain.sigmas, let churn = chain.step, (churn.sChurn ?? 0) > 0 else { return 0 }
      let range = (churn.sTmin ?? 0)...(churn.sTmax ?? .infinity), levels = arrays.floats(sigmas)
      // Both calls of a step go by the sigma that it starts from.
      return (0..<chain.timesteps.count).count { range.contains(levels[$0.isMultiple(of: 2) ? $0 : $0 - 1]) }
    case "edm-euler", "euler":
      guard let sigmas = chain.sigmas, let churn = chain.step, (churn.sChurn ?? 0) > 0 else { return 0 }
      let range = (churn.sTmin ?? 0)...(churn.sTmax ?? .infinity)
      return arrays.floats(sigmas).prefix(chain.timesteps.count).count(where: range.contains)
    case "euler-ancestral": return chain.timesteps.count
    // The second call of each step draws.
    case "kdpm2-ancestral": return chain.timesteps.count / 2
    case "lcm": return chain.timesteps.count - 1
    case "karras-ve": return chain.timesteps.count
    case "score-sde-ve": return chain.modelTimesteps?.count ?? 0
    case "tcd": return (chain.step?.eta ?? 0) > 0 ? chain.timesteps.count - 1 : 0
    case "dpm-multi", "dpm-multi-inverse", "dpm-single", "edm-dpm":
      return chain.config.algorithm_type?.hasPrefix("sde") == true ? chain.timesteps.count : 0
    case "sasolver": return chain.timesteps.count
    default: return 0
    }
  }
}
