import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Commands as text") struct CommandParserTests {
  private let context: CommandContext

  init() {
    var engine = SmilingEngine()
    context = CommandContext(Scenes.after(3, steps: 8, engine: &engine))
  }

  @Test(
    "parse to what they ask for",
    arguments: [
      ("step-forward", CommandRequest.action(.playback(.stepForward))), ("step", .action(.playback(.stepForward))),
      ("end", .action(.playback(.last))),
      ("q", .action(.program(.quit))), ("R", .action(.run(.randomSeed))), ("seed", .action(.run(.edit(.seeds)))),
      ("step 5", .move(by: 5)),
      ("  back   2 ", .move(by: -2)), ("go 0", .go(to: 0)), ("go 8", .go(to: 8)), ("seed -1", .set(.seeds, "-1")),
      ("steps 20", .set(.steps, "20")), ("eta 0.5", .set(.eta, "0.5")),
      ("device cpu:portable", .set(.device, "cpu:portable")), ("noise cuda", .set(.generatorDevice, "cuda")),
      ("generator-device cuda", .set(.generatorDevice, "cuda")), ("noise-device cpu", .set(.generatorDevice, "cpu")),
      ("seeds 0,1", .set(.seeds, "0,1")), ("weights bfloat16", .set(.weights, "bfloat16")),
      ("threads 2", .set(.threads, "2")),
      ("theme light", .theme("light")), ("renderer ascii", .renderer(.asciiRamp)),
      ("speed 0.5", .speed(.halfPerSecond)),
      ("speed max", .speed(.unlimited)), ("view predicted", .view(.predOriginalSample)), ("mouse off", .mouse(false)),
      ("lesson eta", .lesson("eta")),
    ]) func read(line: String, request: CommandRequest) throws
  {
    #expect(try CommandParser(context).parse(line) == request)
  }

  @Test(
    "say what is wrong with them",
    arguments: [
      ("", "no command"), ("stp", "did you mean step?"), ("xyzzy 5", "'xyzzy'"), ("step 0", "1 to 8"),
      ("step 9", "1 to 8"),
      ("go -1", "0 to 8"), ("seed x", "seed 'x'"), ("steps 1001", "1 to 1000"), ("eta 2", "0 to 1"),
      ("device cuda", "unavailable"), ("device tpu", "cpu:portable"), ("theme none", "high-contrast"),
      ("renderer oil", "half-block"), ("speed 3", "0.5, 1, 2"), ("mouse up", "on, off"),
      ("lesson none", "batch, cards, close, cuda"), ("lesson", "needs a value"), ("quit now", "takes no value"),
      ("go", "needs a value"), ("eta 0.5 1", "0.5 1"),
    ]) func refused(line: String, word: String) throws
  {
    let error = try #require(throws: DiffusionError.self) { try CommandParser(context).parse(line) }
    #expect(error.message.contains(word), "\(error)")
    #expect(error.kind == .usage || error.kind == .unavailable)
  }

  @Test("every action can be given by its name") func everyAction() throws {
    for binding in context.keyMap.bindings {
      #expect(try CommandParser(context).parse(binding.name) == .action(binding.action))
    }
  }

  @Test("models that are offered are values of :model, once") func offeredModels() throws {
    var engine = SmilingEngine()
    var state = Scenes.after(1, steps: 2, engine: &engine)
    let verb = try #require(CommandVerb.all.first { $0.name == "model" }), before = verb.choices(in: context)
    state.offer(["owner/name", "ddpm-emoji-32", "owner/name"])
    #expect(verb.choices(in: CommandContext(state)) == before + ["owner/name"])
  }

  @Test("every choice of every setting can be set") func everyChoice() throws {
    for verb in CommandVerb.all {
      for value in verb.choices(in: context) { _ = try CommandParser(context).parse("\(verb.name) \(value)") }
      if let value = verb.value(in: context) { _ = try CommandParser(context).parse("\(verb.name) \(value)") }
    }
  }
}
