import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing

@Suite("Sessions and lessons of version 0.1.0") struct FormerSessionTests {
  private static let model = ModelReference("fixtures/two-levels")

  private static func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(Fixtures.folder)/0.1.0/\(name)", encoding: .utf8)
  }

  /// The explorer without options, on another machine.
  private static func screen(_ model: ModelReference) -> State {
    State(
      size: Size(columns: 120, rows: 40), capabilities: Scenes.fullColor,
      run: RunRequest(model: model, settings: RunSettings(seeds: [99], steps: 9, threads: 7)))
  }

  private static func resumed(_ model: ModelReference) throws -> State {
    let path = "/state/session.json"
    let store = SessionStore(path: path, files: FakeFiles([path: try text("session.json")]).system)
    let loaded = store.load(model: model.name)
    #expect(loaded.notice == nil)
    var state = screen(model)
    let effects = try state.resume(try #require(loaded.session), keepsTheme: false, keepsRenderer: false)
    var engine = SmilingEngine()
    engine.imageShapes[Self.model] = [3, 8, 8]
    engine.carryOut(effects, on: &state)
    return state
  }

  @Test("several runs come back with every setting, cursor and view") func severalRuns() throws {
    let state = try Self.resumed(Self.model)
    var everything = RunSettings(
      seeds: [-5], batchSize: 3, steps: 2, eta: 0.5, device: try Device.cpu.named("cpu:portable"),
      generatorDevice: .cuda,
      multiprocessors: 108, threads: 2, useClippedModelOutput: true)
    everything.variation = NoiseVariation(seed: 7, strength: 0.25)
    everything.weights = .bfloat16
    everything.selection = NoiseSelection(call: 2, image: 2)
    let plain = RunSettings(seeds: [5], steps: 4, threads: 1)
    var large = plain
    (large.seeds, large.eta) = ([Seed(UInt64.max)], 1)
    large.variation = NoiseVariation(seed: Seed(1 << 63 as UInt64), strength: 1)
    var last = plain
    (last.seeds, last.batchSize, last.steps) = ([0], 2, 3)
    (last.device, last.weights) = (.cpuReference, .float16)
    #expect(state.panes.map(\.latestSettings) == [everything, plain, large, last])
    #expect(state.panes.map(\.request.model) == [.demo, Self.model, Self.model, Self.model])
    #expect(state.positions == [1, 2, 3, 1])
    #expect(
      state.focus == 2 && state.compare.reference == 2 && state.compare.link == .unlinked
        && state.compare.view == .difference)
    #expect(state.theme.name == "light" && state.display.renderer == .sextant)
    #expect(state.view == .predOriginalSample && state.playback.speed == .onePerSecond)
  }

  @Test("the inspection state and the gallery come back") func inspection() throws {
    let state = try Self.resumed(Self.model)
    #expect(state.inspection.page == .distribution && state.isOpen(.threeUp) && state.inspection.marksClipping)
    #expect(state.inspection.differenceScale == DifferenceScale(exponent: -1))
    #expect(
      state.zoom
        == Viewport(
          picture: Size(columns: 8, rows: 8), factor: 2, center: PixelPlace(column: 4, row: 4),
          cursor: PixelPlace(column: 5, row: 5)))
    let gallery = try #require(state.gallery)
    #expect(gallery.entries == .seeds(SeedRange(first: 40, count: 6)))
    #expect(gallery.cursor == 2 && gallery.marks == [40, 41])
    #expect(gallery.enlargement == -1 && !gallery.isBehind && state.isInGallery)
  }

  @Test("another model's run comes back on its own") func oneRun() throws {
    let state = try Self.resumed(.demo)
    #expect(
      state.panes.map(\.latestSettings) == [
        RunSettings(seeds: [3], steps: 2, device: try Device.cpu.named("cpu:portable"), threads: 1)
      ])
    #expect(state.panes.map(\.request.model) == [.demo] && state.positions == [1])
    #expect(
      state.focus == 0 && state.compare.reference == 0 && state.compare.link == .step && state.compare.view == .values)
    #expect(state.theme.name == "light" && state.display.renderer == .halfBlock && state.view == .sample)
    #expect(state.playback.speed == .unlimited && state.gallery == nil)
    #expect(state.inspection == Self.screen(.demo).inspection && state.layers == [])
  }

  @Test("a lesson's runs are the same") func lessonRuns() throws {
    let lesson = try LessonParser(name: "lesson", path: "lesson.toml").parse(try Self.text("lesson.toml"))
    let standard = RunSettings(seeds: [99], steps: 9, device: .cpuReference, multiprocessors: 108, threads: 7)
    let everything = RunSettings(
      seeds: [-3], batchSize: 2, steps: 4, eta: 0.5, device: try standard.device.named("cpu:portable"),
      generatorDevice: .cuda, multiprocessors: 108, threads: 1, variation: NoiseVariation(seed: 9, strength: 0.25),
      weights: .bfloat16, selection: NoiseSelection(call: 3, image: 2))
    let several = RunSettings(
      seeds: [4, -1], batchSize: 2, steps: 2, eta: 1, device: .cpuReference, multiprocessors: 108, threads: 7)
    let usual = RunSettings(device: .cpuReference, multiprocessors: 108, threads: 7)
    let found = try lesson.runs.map { try $0.settings(like: standard, maximumSteps: 1000).settings }
    #expect(found == [everything, several, usual])
    #expect(lesson.title == "Every key of a lesson" && lesson.order == 12 && lesson.link == .timestep)
    #expect(lesson.summary.hasPrefix("Its runs say all") && lesson.summary.hasSuffix("all that a step can claim."))
  }

  @Test("a lesson's steps are the same") func lessonSteps() throws {
    let steps = try LessonParser(name: "lesson", path: "lesson.toml").parse(try Self.text("lesson.toml")).steps
    #expect(
      steps.map(\.paragraphs) == [
        ["The first part of the text has two lines.", "The second part says: press Right and Tab."], ["Press v."],
        ["That was it."],
      ])
    #expect(steps.map(\.keys) == [[.right, .tab], [.character("v")], []])
    #expect(
      steps.map(\.checks) == [
        [
          .position([0]), .panes(3), .link(.timestep), .view(.sample), .differentNoise([1, 2, 3]), .sameNoise([1, 2]),
          .sameBits([1, 2]), .different([2, 3]), .sameSoFar([1, 2]), .firstDifference(1, 2, step: 0),
        ],
        [
          .position([1, 0, 12]), .differenceBelow(1, 2, 100), .differenceAbove(1, 3, 0.125), .stdBelow(1, 2),
          .stdAbove(1, 0.5), .sha256(1, begins: "0a1b2c3d"), .timestep(1, 999),
        ],
        [],
      ])
  }
}
