import DiffusionCore
import TestSupport
import Testing

@Suite("The terms of the update")
struct DDIMUpdateTests {
  private func run(_ type: PredictionType, eta: Float, clipped: Bool = false) throws -> DenoisingRun {
    var config = DDIMSchedulerConfig()
    config.predictionType = type
    return try DenoisingRun(
      model: AnalyticModel(), scheduler: DDIMScheduler(config: config), sampleShape: [2, 4, 4],
      settings: RunSettings(steps: 5, eta: eta, threads: 1, useClippedModelOutput: clipped),
      noise: CountingNoise().source)
  }

  @Test(
    "add up to x_{t-1}, to the bit, for every prediction type",
    arguments: PredictionType.allCases, [0, 0.5, 1] as [Float])
  func terms(type: PredictionType, eta: Float) throws {
    for clipped in [false, true] {
      var run = try run(type, eta: eta, clipped: clipped)
      while !run.isFinished {
        let step = try run.step()
        let update = MeasuredUpdate(step)
        let original = try #require(update.original).term.coefficient,
          epsilon = try #require(update.epsilon).term.coefficient
        let sigma = try #require(update.noise).term.coefficient
        #expect((step.varianceNoise != nil) == (eta > 0))
        let sum = step.prevSample.scalars.indices.map { index -> Float in
          let direction = epsilon * step.predEpsilon.scalars[index]
          var sum = original * step.predOriginalSample.scalars[index] + direction
          if let noise = step.varianceNoise { sum += sigma * noise.scalars[index] }
          return sum
        }
        #expect(Tensor(unchecked: step.prevSample.shape, sum).isBitEqual(to: step.prevSample))
        #expect(update.update.timestep == step.timestep)
      }
    }
  }

  @Test("are measured one by one")
  func norms() throws {
    var run = try run(.epsilon, eta: 1)
    let step = try run.step(), update = MeasuredUpdate(step)
    let noise = TensorStatistics(of: try #require(step.varianceNoise))
    let product = try #require(update.noise)
    #expect(product.tensorNorm == noise.l2)
    #expect(product.norm == Double(step.terms.sigma) * noise.l2)
    #expect(product.std == Double(step.terms.sigma) * noise.std)
    #expect(update.original?.tensorStd == TensorStatistics(of: step.predOriginalSample).std)
    #expect(update.epsilon?.tensorNorm == TensorStatistics(of: step.predEpsilon).l2)
    #expect(update.previous.norm == TensorStatistics(of: step.prevSample).l2)
    #expect(step.terms.alphaCumprod == run.schedule[0].alphaCumprod)
    #expect(step.terms.alphaCumprodPrev == run.schedule[1].alphaCumprod)
  }

  @Test("have no noise without eta, and lead to the image after the last step")
  func last() throws {
    var run = try run(.epsilon, eta: 0)
    for _ in 0..<4 { _ = try run.step() }
    let update = MeasuredUpdate(try run.step())
    #expect(update.noise?.term.coefficient == 0)
    #expect(update.noise?.norm == 0)
    #expect(update.update.alphaCumprodPrev == 1)
    #expect(update.epsilon?.term.coefficient == 0)
  }

  @Test("the predicted noise is the rest of x_t without the predicted image", arguments: PredictionType.allCases)
  func epsilon(type: PredictionType) throws {
    var run = try run(type, eta: 0, clipped: true)
    while !run.isFinished {
      let step = try run.step(), alpha = run.schedule[step.index].alphaCumprod
      for (index, value) in step.predEpsilon.scalars.enumerated() {
        let original = alpha.squareRoot() * step.predOriginalSample.scalars[index]
        let expected = (step.sample.scalars[index] - original) / (1 - alpha).squareRoot()
        #expect(abs(value - expected) <= 1e-4 * max(1, abs(expected)))
      }
    }
  }

  @Test("the predicted noise of an epsilon model is its output, unless it is derived again")
  func modelOutput() throws {
    var (run, clipped) = (try run(.epsilon, eta: 0), try run(.epsilon, eta: 0, clipped: true))
    while !run.isFinished {
      let step = try run.step()
      #expect(step.predEpsilon.isBitEqual(to: step.modelOutput))
    }
    // At timestep 0 the model sees no noise, and x_0 is clipped.
    for _ in 0..<4 { _ = try clipped.step() }
    let last = try clipped.step()
    #expect(!last.predEpsilon.isBitEqual(to: last.modelOutput))
  }
}
