import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing

@Suite("Every setting in the explorer") struct SettingConsumersTests {
  private static func state(_ requests: [RunRequest]) -> State {
    State(
      size: Size(columns: 200, rows: 60), capabilities: Scenes.fullColor, run: requests[0],
      others: Array(requests.dropFirst()))
  }

  /// The usual run, with one setting of the unusual run.
  private static func request(_ setting: Setting) throws -> RunRequest {
    var request = RunRequest.plain(for: setting)
    if setting == .batchSize {
      request.settings.batchSize = 2
    } else {
      try setting.assign(setting.value(of: .unusual), to: &request)
    }
    return request
  }

  @Test("has a command that sets it to another run's value", arguments: Setting.all) func verb(setting: Setting)
    throws
  {
    let context = CommandContext(Self.state([.plain(for: setting)]))
    let wanted = try Self.request(setting), text = setting.text(of: wanted)
    #expect(CommandVerb.all.contains(.setting(setting)))
    for name in [setting.label, setting.name, setting.name.replacing("_", with: "-")] {
      let request = try CommandParser(context).parse("\(name) \(text)")
      guard case .set(let found, let value) = request else {
        Issue.record("\(request)")
        continue
      }
      var changed = RunRequest.plain(for: setting)
      try found.type(value, into: &changed, limits: context.limits)
      #expect(found == setting && setting.value(of: changed) == setting.value(of: wanted))
    }
    #expect(CommandVerb.setting(setting).value(in: context) == setting.text(of: .plain(for: setting)))
  }

  @Test("is edited in place: a new value restarts the run", arguments: Setting.all)
  func edited(setting: Setting) throws {
    var state = Self.state([.plain(for: setting)])
    let wanted = try Self.request(setting)
    _ = reduce(&state, .run(.edit(setting)))
    if setting == .variation {
      // It has an editor of its own, with a slider.
      #expect(state.variationEditor != nil)
      return
    }
    for character in setting.text(of: wanted) { _ = reduce(&state, .key(.character(character))) }
    _ = reduce(&state, .key(.enter))
    #expect(state.editor?.error == nil)
    let request = state.pane.latestRequest
    #expect(Setting.all.allSatisfy { $0.value(of: request) == $0.value(of: wanted) })
    // Beside them only the card of the machine may be asked for, whose numbers nobody gave.
    #expect(request == wanted || setting == .generatorDevice)
  }

  @Test(
    "an error names it by its label",
    arguments: Setting.all.filter {
      ![.model, .refiner, .prompt, .negativePrompt, .initImage, .variation].contains($0)
    })
  func wrong(setting: Setting) {
    var state = Self.state([.plain(for: setting)])
    _ = reduce(&state, .run(.edit(setting)))
    // Until the drivers have answered, every device but the processor's is refused for that reason.
    _ = reduce(&state, .devicesListed([]))
    for character in "?!" { _ = reduce(&state, .key(.character(character))) }
    _ = reduce(&state, .key(.enter))
    #expect(state.editor?.error?.hasPrefix("\(setting.label) '?!' is not ") == true, "\(state.editor?.error ?? "")")
    #expect(state.pane.latestRequest == .plain(for: setting))
  }

  @Test("tells runs apart in their titles", arguments: Setting.all) func title(setting: Setting) throws {
    let other = try Self.request(setting)
    var engine = SmilingEngine()
    var state = Self.state([.plain(for: setting), other])
    engine.carryOut(state.start(), on: &state)
    let lines = FrameText(view(state)).text.split(separator: "\n")
    let titles = try #require(lines.first { $0.contains(" 1 ") && $0.contains("ref") })
    // The model is shown by the last part of its name, the steps by their number.
    let word = setting == .model ? "name" : setting == .steps ? "0/7" : setting.title(of: other)
    #expect(titles.contains(word), "\(titles)")
  }

  @Test("is restored from a session, under its name", arguments: Setting.ofRunSettings) func session(setting: Setting)
    throws
  {
    let wanted = try Self.request(setting)
    let data = try JSONEncoder().encode(SavedPane(wanted.settings, position: 0))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object[setting.name] != nil)
    let pane = try JSONDecoder().decode(SavedPane.self, from: data)
    #expect(try pane.settings(like: RunRequest.unusual.settings) == wanted.settings)
  }

  @Test("is read from a lesson, under its name", arguments: Setting.ofRunSettings) func lesson(setting: Setting) throws
  {
    let wanted = try Self.request(setting)
    for key in Set([setting.name.replacing("_", with: "-"), setting.name] + setting.aliases) {
      let line = "\(key) = \(TOMLText.of(setting.value(of: wanted)))"
      let batch = setting == .batchSize ? "" : "batch-size = 3\n"
      let picture = setting == .strength || setting == .invert ? "init-image = \"demo\"\n" : ""
      let refiner = setting == .denoisingEnd ? "refiner = \"sd-emoji-64\"\n" : ""
      let own = batch + picture + refiner + line
      let text = LessonScenes.text.replacing("seed = 2\nsteps = 4\neta = 0.5", with: own)
      let lesson = try LessonParser(name: "test", path: "test.toml").parse(text)
      let found = try lesson.runs[1].settings(like: RunSettings(threads: 1), maximumSteps: 1000).settings
      #expect(found == wanted.settings, "\(line)")
    }
  }
}
