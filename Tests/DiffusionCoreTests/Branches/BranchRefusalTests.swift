import DiffusionCore
import TestSupport
import Testing

@Suite("Branches as settings")
struct BranchRefusalTests {
  private static func request(_ text: String, batch: Int = 1) throws -> RunRequest {
    var request = RunRequest(settings: RunSettings(batchSize: batch, threads: 1))
    try Setting.branches.assign(text: text, to: &request)
    return request
  }

  @Test(
    "are written as they are read",
    arguments: [
      "20", "20,eta=1", "20,scheduler=euler,eta=0.5", "20,eta=1;30,steps=100", "5,seed=7", "5,device=cpu:reference",
      "5,scheduler=own", "5,scheduler_option=s_churn=10,scheduler_option=use_karras_sigmas=true",
      "5,scheduler_option=trained_betas=[0.1,0.25],eta=1", "5,use_clipped_model_output=false", "none",
    ])
  func text(text: String) throws {
    let request = try Self.request(text)
    let printed = Setting.branches.text(of: request)
    #expect(Set(printed.split(separator: ",")) == Set(text.split(separator: ",")))
    #expect(try Self.request(printed) == request)
    var again = RunRequest(settings: RunSettings(threads: 1))
    try Setting.branches.assign(Setting.branches.value(of: request), to: &again)
    #expect(again == request)
    var line = RunRequest(settings: RunSettings(threads: 1))
    let words = Setting.branches.arguments(Setting.branches.value(of: request)).filter { $0 != "--branch" }
    try SettingValues(options: ["branch": words]).assign(to: &line)
    #expect(line == request, "\(words)")
  }

  @Test("a list of seeds needs no brackets")
  func seeds() throws {
    let request = try Self.request("4,seeds=1,2,eta=1", batch: 2)
    #expect(
      request.settings.branches == [
        RunBranch(step: 4, changes: ["seeds": .list([.integer(1), .integer(2)]), "eta": .integer(1)])
      ])
    #expect(Setting.branches.title(of: request) == "branch at 4: seeds 1,2, eta 1")
  }

  @Test(
    "are refused in one line that names the step and the setting",
    arguments: [
      ("0,eta=1", "branches '0,eta=1' is not a step from 1"), ("eta=1", "branches 'eta=1' is not a step from 1"),
      ("20,eta=2", "branch at step 20: eta 2 is not a decimal from 0 to 1"),
      ("20,colour=2", "branch at step 20: colour cannot change: expected one of prompt"),
      ("20,batch_size=2", "branch at step 20: batch_size cannot change"),
      ("20,variation_seed=2", "branch at step 20: variation_seed cannot change"),
      ("20,image=2", "branch at step 20: image cannot change"),
      ("20,scheduler=heun3", "branch at step 20: scheduler 'heun3' is not one of"),
      ("20,seeds=1,2", "branch at step 20: there are 2 seeds: expected 1, or one for each of the 1 images"),
      ("20,eta=1;20,eta=0", "branch at step 20: expected a step after that of the branch before it"),
      ("20,eta=1;10", "branch at step 10: expected a step after"),
      ("20,seed=1,seeds=2", "branch at step 20: seed is given twice"),
      ("20;x", "branches '20;x' is not a step from 1"),
    ])
  func refused(text: String, start: String) throws {
    let error = try #require(throws: DiffusionError.self) { try Self.request(text) }
    #expect(error.kind == .usage)
    #expect(error.message.hasPrefix(start) && !error.message.contains("\n"), "\(error.message)")
  }

  @Test(
    "a step without another before and behind it is refused, and one with too few for its scheduler",
    arguments: [
      (BranchScene(steps: 6).branched(at: 6), "branch at step 6 of 6: expected 1 to 5, with a step left behind it"),
      (BranchScene(steps: 1).branched(at: 1), "branch at step 1 of 1: there is no step between"),
      (BranchScene(steps: 6).branched(at: 9), "branch at step 9 of 6: expected 1 to 5"),
      (
        BranchScene(steps: 6).branched(at: 2, ["steps": .integer(2)]).branched(at: 5),
        "branch at step 5 of 4: expected 3, with a step left behind it"
      ),
      (
        BranchScene(steps: 6).branched(at: 5, ["scheduler": .text("pndm")]),
        "branch at step 5: pndm has 1 steps left: expected at least 4"
      ),
      (
        BranchScene(steps: 6).branched(at: 5, ["steps": .integer(1001)]),
        "branch at step 5: `num_inference_steps`: 1001 steps are more than the 1000 timesteps"
      ),
      (
        BranchScene(steps: 6).branched(at: 5, ["scheduler_options": .table(["x": .integer(1)])]),
        "scheduler option 'x' is unknown"
      ),
    ])
  func impossible(scene: BranchScene, start: String) throws {
    let error = try #require(throws: DiffusionError.self) { try scene.run() }
    #expect(error.kind == .usage)
    #expect(error.message.hasPrefix(start) && !error.message.contains("\n"), "\(error.message)")
  }
}
