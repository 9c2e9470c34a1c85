import DiffusionCore
import TestSupport
import Testing

/// Models that open but cannot make images.
@Suite struct PipelineUseTests {
  private func walk(_ model: String) throws {
    let pipeline = try DDIMPipeline.fromPretrained("\(Fixtures.folder)/unet/\(model)", threads: 1)
    var run = try pipeline.run(RunSettings(steps: 2, threads: 1))
    while !run.isFinished { _ = try run.step() }
  }

  /// Diffusers fails with a `TypeError` on its null.
  @Test func aModelOfNoSize() throws {
    let error = #expect(throws: DiffusionError.self) { try walk("odd-channels") }
    #expect(error?.message.contains("sample_size") == true, "\(error?.message ?? "")")
  }

  /// Diffusers fails in the scheduler or, if the shapes broadcast, in the next forward pass.
  @Test(arguments: ["non-square", "centered"])
  func aModelWhoseChannelsDiffer(name: String) throws {
    let error = #expect(throws: DiffusionError.self) { try walk(name) }
    #expect(error?.message.contains("\n") == false, "\(error?.message ?? "")")
  }
}
