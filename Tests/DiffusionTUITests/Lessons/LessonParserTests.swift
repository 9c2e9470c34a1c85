import DiffusionCore
import DiffusionTUI
import Foundation
import Lessons
import TestSupport
import Testing

@Suite("A lesson file") struct LessonParserTests {
  @Test("every .toml file is listed and embedded unchanged") func embedded() throws {
    let folder = Fixtures.folder + "/../../lessons"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".toml") }
    #expect(Set(files) == Set(BuiltInLessons.all.keys.map { $0 + ".toml" }))
    for (name, text) in BuiltInLessons.all {
      #expect(try String(contentsOfFile: "\(folder)/\(name).toml", encoding: .utf8) == text, "\(name)")
    }
  }

  @Test("gives all the settings of its runs") func runs() throws {
    let run = """
      seeds = [3, -1]
      image = 2
      call = 2
      steps = 7
      eta = 1
      noise = "cuda"
      device = "cpu:portable"
      threads = 3
      weights = "bfloat16"
      variation = { seed = 9, strength = 0.25 }
      """
    let text = LessonScenes.text.replacingOccurrences(of: "seed = 2\nsteps = 4\neta = 0.5", with: run)
    let lesson = try LessonParser(name: "test", path: "test.toml").parse(text)
    let standard = RunSettings(multiprocessors: 7, threads: 1)
    let (settings, standsIn) = try lesson.runs[1].settings(like: standard, maximumSteps: 1000)
    #expect(!standsIn)
    let expected = RunSettings(
      seeds: [3, -1], batchSize: 2, steps: 7, eta: 1, device: try standard.device.named("cpu:portable"),
      generatorDevice: .cuda, multiprocessors: 7, threads: 3, variation: NoiseVariation(seed: 9, strength: 0.25),
      weights: .bfloat16, selection: NoiseSelection(call: 2, image: 2))
    #expect(settings == expected)
    #expect(lesson.steps[0].paragraphs.count == 2)
    #expect(lesson.steps[1].keys == [.character("s"), .character("7"), .enter])
    #expect(throws: DiffusionError.self) { try lesson.runs[1].settings(like: standard, maximumSteps: 6) }
  }

  @Test("a device that is missing is no error of the file: its stand-in is taken, with a text of its own")
  func standIn() throws {
    let text = LessonScenes.text
      .replacing("eta = 0.5", with: "device = \"opencl:99\"\nstand-in = \"cpu:portable\"")
      .replacing("text = \"That was it.\"", with: "text = \"That was it.\"\nstand-in-text = \"It is missing.\"")
    let lesson = try LessonParser(name: "test", path: "test.toml").parse(text), standard = RunSettings(threads: 1)
    let (settings, standsIn) = try lesson.runs[1].settings(like: standard, maximumSteps: 1000)
    #expect(standsIn && settings.device.description == "cpu:portable")
    #expect(try !lesson.runs[0].settings(like: standard, maximumSteps: 1000).standsIn)
    let without = try LessonParser(name: "test", path: "test.toml").parse(
      text.replacing("stand-in = \"cpu:portable\"", with: ""))
    #expect(throws: DiffusionError.self) { try without.runs[1].settings(like: standard, maximumSteps: 1000) }
  }

  static let errors: [(old: String, new: String, message: String)] = [
    ("eta = 0.5", "stand-in = \"tpu\"", "runs[2].device is \"tpu\": expected one of cpu"),
    ("eta = 0.5", "stand-in = 3", "runs[2].stand-in is no text"),
    ("text = \"That was it.\"", "text = \"That was it.\"\nstand-in-text = \"\"", "steps[3].stand-in-text is empty"),
    ("title = \"A test\"", "title = ", "line 1, column 9: "),
    ("title = \"A test\"\n", "", "title is missing: expected a text"),
    ("title = \"A test\"", "title = 3", "title is no text"), ("title = \"A test\"", "title = \" \"", "title is empty"),
    ("title", "heading = 1\ntitle", "heading is unknown: expected title, summary"),
    ("summary", "order = 0\nsummary", "order is 0: expected a whole number from 1 to 1000"),
    ("summary", "difference-scale = 0.5\nsummary", "difference-scale is 0.5: expected one of 1, 0.1, 1e-2, 1e-3"),
    ("summary", "link = \"loose\"\nsummary", "link is \"loose\": expected one of step, timestep, unlinked"),
    ("eta = 0.5", "eta = 1.5", "runs[2].eta is 1.5: expected a decimal from 0 to 1"),
    ("eta = 0.5", "noise = \"tpu\"", "runs[2].noise is \"tpu\": expected one of cpu, cuda"),
    ("eta = 0.5", "device = \"tpu\"", "runs[2].device is \"tpu\": expected one of cpu"),
    ("eta = 0.5", "weights = \"int8\"", "runs[2].weights is \"int8\": expected one of float32, bfloat16, float16"),
    ("eta = 0.5", "image = 2", "runs[2].image is 2: expected a whole number from 1 to 1"),
    ("eta = 0.5", "call = 0", "runs[2].call is 0: expected a whole number from 1 to 1000"),
    ("eta = 0.5", "seeds = [1, 2]", "runs[2].seed and seeds exclude each other"),
    ("eta = 0.5", "variation = { seed = 1 }", "runs[2].variation.strength is missing"),
    ("eta = 0.5", "speed = 5", "runs[2].speed is unknown: expected prompt, "),
    ("[[runs]]", "[[walks]]", "walks is unknown"), ("keys = [\"s\"", "keys = [\"warp\"", "steps[2].keys has \"warp\""),
    ("keys = [\"right\", \"right\"]\n", "", "steps[1].keys is missing: expected what leads on"),
    ("text = \"That was it.\"", "text = \"That was it.\"\nkeys = [\"v\"]", "steps[3].keys leads to no step"),
    ("keys = [\"s\"", "keys = [1", "steps[2].keys[1] is no text"),
    ("{ panes = 2 }", "{ runs = 2 }", "steps[3].checks[1].runs is unknown: expected same-bits, different"),
    ("{ panes = 2 }", "{ panes = 9 }", "steps[3].checks[1].panes is 9: expected a whole number from 1 to 8"),
    ("{ panes = 2 }", "{ panes = 2, view = \"x_t\" }", "steps[3].checks[1] has 2 keys: expected one"),
    ("{ panes = 2 }", "{ same-bits = [1] }", "steps[3].checks[1].same-bits"),
    ("{ panes = 2 }", "{ sha256 = { pane = 1, begins = \"xyz\" } }", "checks[1].sha256.begins is \"xyz\""),
    ("{ panes = 2 }", "{ first-difference = { panes = [1, 2] } }", "first-difference.step is missing"),
    ("{ panes = 2 }", "{ std-rises = [1] }", "checks[1].std-rises"),
    ("{ panes = 2 }", "{ closer = { pane = 1, to = 2 } }", "checks[1].closer.than is missing: expected a whole number"),
    ("{ panes = 2 }", "{ white-above = { pane = 1, value = 2 } }", "white-above.value is 2: expected a number from 0"),
    ("{ panes = 2 }", "{ predictions = { pane = 1, value = 3 } }", "value is 3: expected a whole number from 1 to 2"),
    ("{ panes = 2 }", "{ guided = { panes = [1, 2], scale = 2 } }", "guided.panes"),
    ("{ panes = 2 }", "{ guided = [1, 2, 3] }", "expected a table such as { panes = [1, 2, 3], scale = 2 }"),
    ("value = 2", "value = \"two\"", "steps[2].checks[2].std-below.value is \"two\": expected a number"),
  ]

  @Test("with an error is named, with the line or the key and what was expected", arguments: errors)
  func wrong(example: (old: String, new: String, message: String)) throws {
    let text = LessonScenes.text.replacingOccurrences(of: example.old, with: example.new)
    #expect(text != LessonScenes.text)
    let error = #expect(throws: DiffusionError.self) { try LessonLibrary.lesson(at: "my/own.toml", text: text) }
    #expect(error?.kind == .badData)
    #expect(error?.message.hasPrefix("lesson my/own.toml: ") == true)
    #expect(error?.message.contains(example.message) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
  }

  @Test("that is broken gives a notice; the others are loaded") func broken() throws {
    let library = LessonLibrary(files: ["good": LessonScenes.text, "bad": "x"])
    #expect(library.lessons.map(\.name) == ["good"])
    #expect(library.notices.first?.hasPrefix("lesson bad.toml: line 1, column 2: ") == true)
    let error = #expect(throws: DiffusionError.self) { try library.lesson(named: "goot") }
    #expect(error?.message == "lesson 'goot' is unknown: did you mean good? expected one of good, or a .toml file")
  }
}
