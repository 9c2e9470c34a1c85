import DiffusionCore
import Foundation
import TestSupport
import Testing

@Suite("Schedulers on the command line") struct SchedulerProgramTests {
  @Test(
    "a receipt verifies with other instruction sets and threads, and names the scheduler",
    arguments: SchedulerClass.all.map(\.shortName))
  func receipt(name: String) throws {
    let folder = try TemporaryFolder(), path = "\(folder.path)/r.json"
    // The singlestep solver has no spacings, and in 5 steps over the model's own betas KDPM2Ancestral comes to NaN, as
    // in Diffusers.
    let options = try SchedulerClass(named: name).configurationOptions
    let isSpaced = options.contains("timestep_spacing") && name != "kdpm2-ancestral"
    let (option, value) =
      if isSpaced {
        ("timestep_spacing", "trailing")
      } else if name == "unclip" {
        // It refuses the demo model's own prediction type, as in Diffusers.
        ("prediction_type", "epsilon")
      } else if options.contains("beta_schedule") {
        ("beta_schedule", "scaled_linear")
      } else if options.contains("sigma_max") {
        ("sigma_max", "12.5")
      } else {
        ("num_train_timesteps", "500")
      }
    let made = try Program.run([
      "generate", "--seed", "3", "--steps", "5", "--scheduler", name, "--scheduler-option", "\(option)=\(value)",
      "--receipt", path,
    ])
    #expect(made.status == 0, "\(made.error)")
    #expect(made.output.contains("scheduler  \(name)"))
    let receipt = try Receipt(contentsOf: path)
    #expect(receipt.scheduler.name == name)
    #expect(receipt.scheduler.config[option]?.text == value)
    #expect(receipt.settings.runSettings.scheduler == name)
    let verified = try Program.run(["verify", path, "--device", "cpu:portable", "--threads", "1"])
    #expect(verified.status == 0, "\(verified.output)\(verified.error)")
    let bytes = try folder.bytes("r.json")
    #expect(try Receipt(json: bytes, source: path).json() == bytes)
  }

  @Test("a model whose own scheduler is DDPM opens as DDIM, says so, and runs its own on request")
  func own() throws {
    let folder = try TemporaryFolder(), model = "\(folder.path)/m"
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/unet/two-levels", toPath: model)
    let index = try String(contentsOfFile: "\(model)/model_index.json", encoding: .utf8)
    try index.replacing("DDIMPipeline", with: "DDPMPipeline").replacing("DDIMScheduler", with: "DDPMScheduler")
      .write(toFile: "\(model)/model_index.json", atomically: true, encoding: .utf8)
    let unasked = try Program.run(["generate", model, "--seed", "1", "--steps", "2"])
    #expect(unasked.status == 0, "\(unasked.error)")
    #expect(unasked.output.contains("scheduler  ddim, eta 0 (the model's own is ddpm: --scheduler ddpm)"))
    let json = try Program.run(["generate", model, "--seed", "1", "--steps", "2", "--json"])
    let report = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(report["own_scheduler"] as? String == "ddpm")
    let asked = try Program.run(["generate", model, "--seed", "1", "--steps", "2", "--scheduler", "DDPMScheduler"])
    #expect(asked.output.contains("scheduler  ddpm\n"))
    #expect(!asked.output.contains("the model's own"))
  }

  @Test(
    "an impossible request gives a one-line error and its exit status",
    arguments: [
      (["--scheduler", "heun3"], "--scheduler 'heun3' is not one of \(SchedulerClass.shortNames), or own"),
      (["--scheduler", "euler", "--scheduler-option", "clip_sample=true"], "option 'clip_sample' is unknown"),
      (["--scheduler", "pndm", "--steps", "3"], "expected at least 4"),
      (["--scheduler-option", "eta=5"], "option 'eta' is a setting of its own: set eta instead"),
      (["--scheduler-option", "timestep_spacing=log"], "timestep_spacing is 'log': expected one of"),
    ])
  func wrong(arguments: [String], message: String) throws {
    let result = try Program.run(["generate", "--seed", "1"] + arguments)
    #expect(result.status == 64)
    #expect(result.error.contains(message), "\(result.error)")
    #expect(result.error.split(separator: "\n").count == 1)
  }
}
