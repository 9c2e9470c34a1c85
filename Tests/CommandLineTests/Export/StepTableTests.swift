import CommandLineKit
import DiffusionCore
import TestSupport
import Testing

@Suite("The table of statistics")
struct StepTableTests {
  @Test("has a line for each step, and numbers that survive a round trip")
  func numbers() throws {
    var run = try ScriptedRun(), table = StepTable(), steps: [DenoisingStep] = []
    for point in run.schedule {
      let step = try run.step(progress: nil)
      table.append(step, at: point)
      steps.append(step)
    }
    #expect(table.text.hasSuffix("\r\n"))
    let file = CSVFile(table.text)
    #expect(file.records.count == 4)
    #expect(file.records.allSatisfy { $0.count == 4 + 4 * 10 })
    #expect(file.column("step") == ["0", "1", "2"])
    #expect(file.column("timestep") == ["900", "600", "300"])
    #expect(file.column("alpha_cumprod").compactMap { Float($0) } == [0.5, 0.5, 0.5])
    for (name, tensor) in [
      ("sample", \DenoisingStep.sample), ("model_output", \.modelOutput),
      ("pred_original_sample", \.predOriginalSample), ("prev_sample", \.prevSample),
    ] {
      let statistics = steps.map { TensorStatistics(of: $0[keyPath: tensor]) }
      #expect(file.column("\(name)_mean").compactMap { Double($0) } == statistics.map(\.mean))
      #expect(file.column("\(name)_std").compactMap { Double($0) } == statistics.map(\.std))
      #expect(file.column("\(name)_min").compactMap { Float($0) } == statistics.map(\.min))
      #expect(file.column("\(name)_abs_sum").compactMap { Double($0) } == statistics.map(\.absoluteSum))
      #expect(file.column("\(name)_sha256") == statistics.map(\.sha256))
    }
  }

  @Test("NaN and infinity are written for Python")
  func notNumbers() throws {
    let bad = try Tensor<Float>(shape: [1, 1, 1, 2], scalars: [.nan, -.infinity])
    let place = UpdateTerms(timestep: 9, alphaCumprod: 1, sigma: 0)
    var table = StepTable()
    table.append(
      DenoisingStep(
        index: 0, terms: place, sample: bad, modelOutput: bad, predOriginalSample: bad, prevSample: bad, seconds: 0),
      at: place)
    let file = CSVFile(table.text)
    #expect(file.column("sample_min") == ["-inf"])
    #expect(file.column("sample_nan_count") == ["1"])
    #expect(file.column("sample_infinity_count") == ["1"])
  }

  @Test(
    "fields with commas, quotation marks and line breaks are quoted",
    arguments: ["plain", "", "a,b", "say \"no\"", "\"", "two\r\nlines", "\n", "é,\u{1F600}"])
  func quoting(field: String) {
    let lines = [["first", field, "last"], [field, field]]
    #expect(CSVFile(CSVText.lines(lines)).records == lines)
  }
}
