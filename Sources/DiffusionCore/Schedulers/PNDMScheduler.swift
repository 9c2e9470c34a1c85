/// The configuration of a ``PNDMScheduler`` (`PNDMScheduler.__init__` of diffusers 0.42.1).
public struct PNDMSchedulerConfig: BetaConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 1000
  /// The first beta.
  public var betaStart = 0.0001
  /// The last beta.
  public var betaEnd = 0.02
  /// How betas grow.
  public var betaSchedule = BetaSchedule.linear
  /// Betas that replace a schedule, one for each training timestep.
  public var trainedBetas: [Double]?
  /// Whether the run skips the Runge-Kutta steps at its start.
  public var skipPrkSteps = false
  /// Whether the product of alphas before the first timestep is 1; otherwise it is that of the first timestep.
  public var setAlphaToOne = false
  /// What the model's output means: noise or velocity.
  public var predictionType = PredictionType.epsilon
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.leading
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<PNDMSchedulerConfig>] =
    betaOptions() + [
      .bool("skip_prk_steps", \.skipPrkSteps), .bool("set_alpha_to_one", \.setAlphaToOne),
      .name("prediction_type", \.predictionType, among: [.epsilon, .vPrediction]),
      .name("timestep_spacing", \.timestepSpacing),
    ]

  /// Checks every option.
  public func validate() throws { try validateBetas() }
}

/// Pseudo numerical methods (Liu et al. 2022, arXiv 2202.09778), as `diffusers.PNDMScheduler` 0.42.1: three Runge-Kutta
/// steps of four model calls each, then linear multistep steps of fourth order; or, without the former, multistep steps
/// of increasing order.
///
/// Each model call is a step of the run, as in Diffusers.
public struct PNDMScheduler: Scheduler {
  /// The class in Diffusers.
  public static let className = "PNDMScheduler"
  /// The name on the command line.
  public static let shortName = "pndm"

  /// The configuration.
  public let config: PNDMSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]
  private let finalAlphaCumprod: Float
  /// The gap between two timesteps.
  private var stride = 0
  /// The gap behind the first timestep, which may differ; see ``start(at:)``.
  private var firstStride = 0
  /// The timesteps that the steps lead through, ascending.
  private var grid: [Int] = []
  /// The number of timesteps that belong to Runge-Kutta steps.
  private var rungeKuttaCount = 0
  /// The step that the run starts with. Diffusers counts the model calls of a run from there, and goes by that count:
  /// the first calls of a run with Runge-Kutta steps are such steps, wherever it starts.
  private var beginIndex = 0
  private var history = History()

  /// The history that later steps need.
  private struct History {
    /// The last model outputs, at most four (`ets`).
    var outputs: [[Float]] = []
    /// The weighted sum of a Runge-Kutta step's outputs (`cur_model_output`); nil before its first.
    var sum: [Float]?
    /// The sample that a step of several model calls starts from (`cur_sample`).
    var sample: [Float]?
  }

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: PNDMSchedulerConfig = PNDMSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    alphasCumprod = NoiseSchedule.alphasCumprod(config.betas())
    finalAlphaCumprod = config.setAlphaToOne ? 1 : alphasCumprod[0]
    timesteps = (0..<config.numTrainTimesteps).reversed().map(Float.init)
  }

  /// Chooses the timesteps of a run: 9 more than the number requested with Runge-Kutta steps, 1 more without.
  ///
  /// - Parameter numInferenceSteps: The number of inference steps: at least 4 with Runge-Kutta steps, 1 without.
  /// - Throws: ``DiffusionError`` (`usage`) if it is less.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    guard config.skipPrkSteps || numInferenceSteps >= 4 else {
      throw DiffusionError(
        .usage,
        "`num_inference_steps`: \(numInferenceSteps) is too small: expected at least 4, which Runge-Kutta steps need; "
          + "or set skip_prk_steps to true")
    }
    stride = config.numTrainTimesteps / numInferenceSteps
    firstStride = stride
    let chosen = config.timestepSpacing.timesteps(
      numInferenceSteps, of: config.numTrainTimesteps, stepsOffset: config.stepsOffset)
    grid = Array(chosen.reversed())
    chooseCalls()
  }

  /// Cuts the timesteps below a noise level, and begins at it with Runge-Kutta steps, or without a history.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than the four timesteps that Runge-Kutta steps need.
  public mutating func start(at level: NoiseLevel) throws {
    let first = Int(exactly: wholeTimestep(of: level)) ?? 0, below = grid.filter { $0 < first }
    guard config.skipPrkSteps || below.count >= 3 else {
      throw DiffusionError(
        .usage,
        "pndm has \(below.count + 1) steps left: expected at least 4, which Runge-Kutta steps need; branch earlier, "
          + "take more steps, or set skip_prk_steps to true")
    }
    firstStride = grid.contains(first) ? stride : first - (below.last ?? first - stride)
    grid = below + [first]
    chooseCalls()
  }

  /// Chooses the model calls for the timesteps of the grid, and discards the history.
  private mutating func chooseCalls() {
    let rungeKutta = config.skipPrkSteps ? [] : rungeKuttaTimesteps(grid.suffix(4))
    let multistep =
      config.skipPrkSteps ? grid.dropLast() + grid.dropLast().suffix(1) + grid.suffix(1) : Array(grid.dropLast(3))
    timesteps = (rungeKutta + multistep.reversed()).map(Float.init)
    rungeKuttaCount = rungeKutta.count
    beginIndex = 0
    history = History()
  }

  /// Counts model calls from a step on.
  public mutating func setBeginIndex(_ step: Int) { beginIndex = step }

  /// The timesteps of three Runge-Kutta steps between the last four: each at its start, twice at its midpoint, and at
  /// its end.
  private func rungeKuttaTimesteps(_ last: ArraySlice<Int>) -> [Int] {
    let halves = zip(last, [stride, stride, firstStride, firstStride]).flatMap { [$0, $0 + $1 / 2] }.dropLast()
    return halves.flatMap { [$0, $0] }.dropFirst().dropLast().reversed()
  }

  /// The start and the end of a step: all four calls of a Runge-Kutta step start at its first timestep.
  private func ends(of step: Int) throws -> (from: Float, to: Float) {
    let timestep = try timestep(at: step), call = step - beginIndex
    if call < rungeKuttaCount {
      let length = call < 4 ? firstStride : stride
      return (timesteps[call / 4 * 4], timestep - Float(call % 2 == 0 ? length / 2 : 0))
    }
    // The second call of a run without Runge-Kutta steps repeats the step of the first.
    let length = rungeKuttaCount == 0 && call < 2 ? firstStride : stride
    return call == 1 ? (timestep + Float(length), timestep) : (timestep, timestep - Float(length))
  }

  /// The coefficients of a step, in the order of `_get_prev_sample` of Diffusers (formula 9 of the paper).
  private struct Coefficients {
    let timestep, alphaProd, alphaProdPrev: Float
    /// The factor of the sample.
    let sample: Float
    /// The factor of the noise before division, and its divisor.
    let difference, divisor: Float

    init(_ scheduler: PNDMScheduler, at step: Int) throws {
      let (from, to) = try scheduler.ends(of: step)
      timestep = try scheduler.timestep(at: step)
      alphaProd = try scheduler.alphaCumprod(at: from)
      alphaProdPrev = try to >= 0 ? scheduler.alphaCumprod(at: to) : scheduler.finalAlphaCumprod
      let betaProd = 1 - alphaProd
      let betaProdPrev = 1 - alphaProdPrev
      sample = (alphaProdPrev / alphaProd).squareRoot()
      difference = alphaProdPrev - alphaProd
      divisor = alphaProd * betaProdPrev.squareRoot() + (alphaProd * betaProd * alphaProdPrev).squareRoot()
    }
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let numbers = try Coefficients(self, at: step)
    return UpdateTerms(
      timestep: numbers.timestep, alphaCumprod: numbers.alphaProd, alphaCumprodPrev: numbers.alphaProdPrev,
      terms: [
        .init(
          .init("\u{221A}(\u{03B1}_prev/\u{03B1})", ascii: "sqrt(a_prev/a)"), numbers.sample,
          startingSample(of: step - beginIndex)),
        .init(
          .init("(\u{03B1}\u{2212}\u{03B1}_prev)/D", ascii: "(a - a_prev)/D"),
          -numbers.difference / numbers.divisor,
          combination(of: step - beginIndex)),
      ],
      quantities: [
        .init(.alpha, "alpha-bar", numbers.alphaProd), .init(.init("D"), "divisor", numbers.divisor),
        .init(.alphaPrev, "alpha-bar after", numbers.alphaProdPrev),
      ])
  }

  /// The sample of the first call in a step of several.
  private func startingSample(of call: Int) -> UpdateTerms.Operand {
    let isLater = call < rungeKuttaCount ? call % 4 > 0 : call == 1
    return isLater ? .startingSample : .sample
  }

  /// How the model outputs of several calls combine into one noise.
  private func combination(of call: Int) -> UpdateTerms.Operand {
    let symbol = UpdateTerms.Symbol("\u{03B5}\u{2032}", ascii: "eps'")
    if call < rungeKuttaCount {
      return call % 4 == 3 ? .init(symbol, "(e1 + 2 e2 + 2 e3 + e4)/6") : .predEpsilon
    }
    guard rungeKuttaCount == 0, call < 4 else {
      return .init(symbol, "(55 e1 - 59 e2 + 37 e3 - 9 e4)/24")
    }
    return [
      .predEpsilon, .init(symbol, "(e1 + e2)/2"), .init(symbol, "(3 e1 - e2)/2"),
      .init(symbol, "(23 e1 - 16 e2 + 5 e3)/12"),
    ][call]
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let numbers = try Coefficients(self, at: step), call = step - beginIndex
    try Self.check("model output", modelOutput, like: sample)
    let (combined, start) =
      call < rungeKuttaCount
      ? rungeKutta(modelOutput.scalars, call: call % 4, sample.scalars)
      : multistep(modelOutput.scalars, call: call, sample.scalars)
    let alpha = numbers.alphaProd
    let (rootAlpha, rootBeta) = (alpha.squareRoot(), (1 - alpha).squareRoot())
    let epsilon =
      config.predictionType == .vPrediction
      ? zip(start, combined).map { rootAlpha * $1 + rootBeta * $0 } : combined
    let previous = zip(start, epsilon).map {
      numbers.sample * $0 - numbers.difference * $1 / numbers.divisor
    }
    // Diffusers has no predicted original here; this is the one that the noise implies.
    let original = zip(start, epsilon).map { ($0 - rootBeta * $1) / rootAlpha }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    let operands = [
      startingSample(of: call): tensor(start), combination(of: call): tensor(epsilon),
    ]
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original),
      predEpsilon: tensor(epsilon),
      operands: operands)
  }

  /// One of the four calls of a Runge-Kutta step (`step_prk`).
  private mutating func rungeKutta(
    _ output: [Float], call: Int, _ sample: [Float]
  ) -> (combined: [Float], start: [Float]) {
    let weight = Float(call == 0 || call == 3 ? 1 / 6.0 : 1 / 3.0)
    let weighted = output.map { weight * $0 }
    let sum = history.sum.map { zip($0, weighted).map { $0 + $1 } } ?? weighted.map { 0 + $0 }
    if call == 0 {
      history.outputs.append(output)
      history.sample = sample
    }
    history.sum = call == 3 ? nil : sum
    return (call == 3 ? sum : output, history.sample ?? sample)
  }

  /// A linear multistep step (`step_plms`).
  private mutating func multistep(
    _ output: [Float], call: Int, _ sample: [Float]
  ) -> (combined: [Float], start: [Float]) {
    var start = sample
    if call != 1 { history.outputs = history.outputs.suffix(3) + [output] }
    let past = history.outputs
    func value(_ age: Int, _ index: Int) -> Float { past[past.count - age][index] }
    let combined: [Float]
    switch past.count {
    case 1 where call == 0:
      combined = output
      history.sample = sample
    case 1:
      combined = output.indices.map { (output[$0] + value(1, $0)) / 2 }
      start = history.sample ?? sample
      history.sample = nil
    case 2: combined = output.indices.map { (3 * value(1, $0) - value(2, $0)) / 2 }
    case 3:
      combined = output.indices.map {
        (23 * value(1, $0) - 16 * value(2, $0) + 5 * value(3, $0)) / 12
      }
    default:
      combined = output.indices.map {
        let sum = 55 * value(1, $0) - 59 * value(2, $0)
        return Float(1 / 24.0) * (sum + 37 * value(3, $0) - 9 * value(4, $0))
      }
    }
    return (combined, start)
  }
}
