import DiffusionCore
import Testing

@Suite("The choice of the scheduler")
struct SchedulerChoiceTests {
  private func source(_ pipeline: String, _ scheduler: String) throws -> SchedulerSource {
    let found = try #require(PipelineClass.all.first { $0.className == pipeline })
    return SchedulerSource(
      className: scheduler, reader: ConfigurationReader(file: "scheduler_config.json", values: [:]), pipeline: found)
  }

  @Test(
    "the pipeline's own conversion, else the folder's",
    arguments: [
      ("DDIMPipeline", "DDIMScheduler", "ddim"), ("DDIMPipeline", "PNDMScheduler", "ddim"),
      ("DDIMPipeline", "EulerDiscreteScheduler", "ddim"), ("DDIMPipeline", "UniPCMultistepScheduler", "ddim"),
      ("PNDMPipeline", "PNDMScheduler", "pndm"), ("PNDMPipeline", "DDIMScheduler", "pndm"),
      ("DDPMPipeline", "DDIMScheduler", "ddim"), ("DDPMPipeline", "EulerDiscreteScheduler", "euler"),
      ("DDPMPipeline", "PNDMScheduler", "pndm"), ("KarrasVePipeline", "KarrasVeScheduler", "karras-ve"),
      ("ScoreSdeVePipeline", "ScoreSdeVeScheduler", "score-sde-ve"),
      ("ConsistencyModelPipeline", "CMStochasticIterativeScheduler", "cm"),
    ])
  func rule(pipeline: String, scheduler: String, expected: String) throws {
    let choice = try source(pipeline, scheduler).choice(nil)
    #expect(choice.schedulerClass.shortName == expected)
    #expect(choice.exchanged == nil)
  }

  @Test(
    "the number of steps is that of Diffusers' pipeline where nobody says one",
    arguments: [
      ("DDIMPipeline", "DDIMScheduler", nil, 50), ("DDIMPipeline", "DDPMScheduler", "ddpm", 50),
      ("PNDMPipeline", "PNDMScheduler", nil, 50), ("KarrasVePipeline", "KarrasVeScheduler", nil, 50),
      // The one that opens as DDIM has DDIM's.
      ("DDPMPipeline", "DDPMScheduler", nil, 50), ("DDPMPipeline", "DDPMScheduler", "ddpm", 1000),
      ("DDPMPipeline", "DDIMScheduler", nil, 50), ("DDPMPipeline", "DDPMScheduler", "euler", 50),
      ("ConsistencyModelPipeline", "CMStochasticIterativeScheduler", nil, 1),
      ("ConsistencyModelPipeline", "CMStochasticIterativeScheduler", "euler", 50),
      ("ScoreSdeVePipeline", "ScoreSdeVeScheduler", nil, 2000),
      ("ScoreSdeVePipeline", "ScoreSdeVeScheduler", "ddim", 50),
    ] as [(String, String, String?, Int)])
  func usualSteps(pipeline: String, own: String, asked: String?, expected: Int) throws {
    #expect(try source(pipeline, own).usualSteps(asked) == expected)
  }

  @Test("a DDPMPipeline's own DDPMScheduler is replaced by DDIM by default, which is reported")
  func exchanged() throws {
    let source = try source("DDPMPipeline", "DDPMScheduler")
    #expect(try source.choice(nil).schedulerClass.shortName == "ddim")
    #expect(try source.choice(nil).exchanged == "ddpm")
    #expect(try source.choice("ddpm").schedulerClass.shortName == "ddpm")
    #expect(try source.choice("ddpm").exchanged == nil)
  }

  @Test("the one requested takes precedence", arguments: ["euler", "EulerDiscreteScheduler"])
  func asked(name: String) throws {
    for pipeline in PipelineClass.all.map(\.className) {
      #expect(try source(pipeline, "DDIMScheduler").choice(name).schedulerClass.className == "EulerDiscreteScheduler")
    }
  }

  @Test("a class that is not supported is an error only if it is to run")
  func unsupported() throws {
    let source = try source("DDPMPipeline", "VQDiffusionScheduler")
    let error = #expect(throws: DiffusionError.self) { try source.choice(nil) }
    #expect(error?.message.contains("VQDiffusionScheduler") == true)
    #expect(try source.choice("euler").schedulerClass.shortName == "euler")
    #expect(throws: DiffusionError.self) { try source.choice("heun3") }
  }

  @Test("settings of their own are not options, so that each has one range", arguments: SchedulerClass.all)
  func ownSettings(schedulerClass: SchedulerClass) throws {
    let source = try source("DDIMPipeline", "DDIMScheduler")
    let names = Setting.all.map(\.name)
    // An argument that is a setting says so, and no other has the name of one.
    #expect(schedulerClass.stepSettings == schedulerClass.stepOptions.filter(names.contains))
    for name in schedulerClass.stepSettings {
      let error = #expect(throws: DiffusionError.self) {
        try source.scheduler(schedulerClass.className, options: [name: .integer(5)])
      }
      #expect(error?.kind == .usage && error?.message.contains("set \(name) instead") == true)
    }
  }

  @Test("arguments of set_timesteps are options of a run, and not of a file")
  func schedule() throws {
    let pipeline = try #require(PipelineClass.all.first { $0.className == "ConsistencyModelPipeline" })
    let source = SchedulerSource(
      className: "CMStochasticIterativeScheduler",
      reader: ConfigurationReader(file: "scheduler_config.json", values: ["timesteps": .list([.integer(3)])]),
      pipeline: pipeline)
    func sigmas(_ options: [String: SettingValue]) throws -> Int {
      var scheduler = try source.scheduler(options: options)
      try scheduler.setTimesteps(5)
      return scheduler.timesteps.count
    }
    #expect(try sigmas([:]) == 5)
    #expect(try sigmas(["timesteps": .list([.integer(22), .integer(0)])]) == 2)
    for wrong in [[0, 22], [40], [], [3, 3]] as [[Int128]] {
      let error = #expect(throws: DiffusionError.self) {
        try source.scheduler(options: ["timesteps": .list(wrong.map { .integer($0) })])
      }
      #expect(error?.kind == .usage && error?.message.contains("timesteps is ") == true)
    }
  }

  @Test(
    "the ends of respaced sigmas in the file of another class are kept, as in Diffusers",
    arguments: [
      ("heun", "use_karras_sigmas", [100, 5.98567, 5.98567, 0.05, 0.05]),
      ("lms", "use_karras_sigmas", [157.40727, 5.91131, 0.01]),
      ("lms", "use_exponential_sigmas", [100, 2.23607, 0.05]),
      ("deis", "use_exponential_sigmas", [100, 2.23607, 0.05]),
      ("dpm-multi", "use_karras_sigmas", [100, 5.98567, 0.05]),
      ("flow-euler", "use_karras_sigmas", [100, 5.98567, 0.05]),
    ] as [(String, String, [Float])])
  func ends(name: String, spacing: String, expected: [Float]) throws {
    let reader = ConfigurationReader(
      file: "scheduler_config.json",
      values: ["sigma_min": .number(0.05), "sigma_max": .number(100), spacing: .bool(true)])
    var scheduler = try SchedulerClass(named: name).scheduler(from: reader)
    try scheduler.setTimesteps(3)
    let sigmas = try scheduler.timesteps.indices.compactMap { step in
      try scheduler.terms(at: step, options: SchedulerOptions()).quantities.first { $0.label == "sigma" }?.value
    }
    #expect(sigmas.count == expected.count)
    for (sigma, other) in zip(sigmas, expected) { #expect((sigma - other).magnitude <= 1e-3 * other) }
    // They are no options of these classes.
    #expect(scheduler.config.values["sigma_min"] == nil)
  }

  @Test("a name of null means null, which TOML and command lines lack", arguments: ["null", "none"])
  func null(name: String) throws {
    let source = try source("DDIMPipeline", "DDIMScheduler")
    let scheduler = try source.scheduler("ddpm", options: ["variance_type": .text(name)])
    #expect((scheduler as? DDPMScheduler)?.config.varianceType == .fixedSmall)
  }

  @Test("options replace the folder's; unknown and wrong ones are named")
  func options() throws {
    let source = try source("DDIMPipeline", "DDIMScheduler")
    let scheduler = try source.scheduler("euler", options: ["use_karras_sigmas": .bool(true)])
    #expect((scheduler as? EulerDiscreteScheduler)?.config.useKarrasSigmas == true)
    for (option, value) in [("clip_sample", SettingValue.bool(true)), ("use_karras_sigmas", .integer(3))] {
      let error = #expect(throws: DiffusionError.self) { try source.scheduler("euler", options: [option: value]) }
      #expect(error?.kind == .usage)
      #expect(error?.message.contains(option) == true)
    }
  }
}
