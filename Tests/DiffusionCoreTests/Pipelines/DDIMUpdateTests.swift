import DiffusionCore
import TestSupport
import Testing

@Suite("The update written out")
struct DDIMUpdateTests {
  private func run(_ type: PredictionType, eta: Float, clipped: Bool = false) throws -> DenoisingRun {
    var config = DDIMSchedulerConfig()
    config.predictionType = type
    return try DenoisingRun(
      model: AnalyticModel(), scheduler: DDIMScheduler(config: config), imageShape: [2, 4, 4],
      settings: RunSettings(steps: 5, eta: eta, threads: 1, useClippedModelOutput: clipped),
      noise: CountingNoise().source)
  }

  @Test(
    "has the terms that make x_{t-1}, to the bit, whatever the model predicts",
    arguments: PredictionType.allCases, [0, 0.5, 1] as [Float])
  func terms(type: PredictionType, eta: Float) throws {
    for clipped in [false, true] {
      var run = try run(type, eta: eta, clipped: clipped)
      while !run.isFinished {
        let step = try run.step()
        let update = DDIMUpdate(step, at: run.schedule[step.index])
        #expect((step.varianceNoise != nil) == (eta > 0))
        let sum = step.prevSample.scalars.indices.map { index -> Float in
          let direction = update.epsilon.coefficient * step.predEpsilon.scalars[index]
          var sum = update.original.coefficient * step.predOriginalSample.scalars[index] + direction
          if let noise = step.varianceNoise { sum += update.noise.coefficient * noise.scalars[index] }
          return sum
        }
        #expect(Tensor(unchecked: step.prevSample.shape, sum).isBitEqual(to: step.prevSample))
        #expect(update.timestep == step.timestep)
      }
    }
  }

  @Test("measures each term")
  func norms() throws {
    var run = try run(.epsilon, eta: 1)
    let step = try run.step(), update = DDIMUpdate(step, at: run.schedule[0])
    let noise = TensorStatistics(of: try #require(step.varianceNoise))
    #expect(update.noise.tensorNorm == noise.l2)
    #expect(update.noise.norm == Double(update.sigma) * noise.l2)
    #expect(update.noise.std == Double(update.sigma) * noise.std)
    #expect(update.original.tensorStd == TensorStatistics(of: step.predOriginalSample).std)
    #expect(update.epsilon.tensorNorm == TensorStatistics(of: step.predEpsilon).l2)
    #expect(update.previous.norm == TensorStatistics(of: step.prevSample).l2)
    #expect(update.alphaProd == run.schedule[0].alphaCumprod)
    #expect(update.alphaProdPrev == run.schedule[1].alphaCumprod)
  }

  @Test("without eta has no noise, and after the last step leads to the image")
  func last() throws {
    var run = try run(.epsilon, eta: 0)
    for _ in 0..<4 { _ = try run.step() }
    let update = DDIMUpdate(try run.step(), at: run.schedule[4])
    #expect(update.noise.coefficient == 0)
    #expect(update.noise.norm == 0)
    #expect(update.alphaProdPrev == 1)
    #expect(update.epsilon.coefficient == 0)
  }

  @Test("the predicted noise is what x_t holds beside the predicted image", arguments: PredictionType.allCases)
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

  @Test("the predicted noise of an epsilon model is its output, unless it is derived anew")
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
