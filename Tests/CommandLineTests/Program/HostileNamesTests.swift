import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing

/// Every command of the built program, given names that would take over a terminal: only printable text reaches
/// standard output, standard error or a file that people read.
@Suite("Hostile names") struct HostileNamesTests {
  private let folder: TemporaryFolder
  /// A model in a folder with a hostile name.
  private let model: String

  init() throws {
    folder = try TemporaryFolder()
    model = "\(folder.path)/\(Hostile.name)"
    try FileManager.default.copyItem(atPath: Fixtures.folder + "/unet/two-levels", toPath: model)
  }

  /// Runs the program and checks what it prints.
  ///
  /// - Parameter echoes: Whether the output must contain the name, made harmless.
  @discardableResult
  private func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:], echoes: Bool = true,
    status: Int32? = nil
  ) throws -> Program.Result {
    let result = try Program.run(arguments, input: input, environment: environment)
    let printed = result.output + result.error
    #expect(Hostile.scalars(in: printed) == [], "\(arguments)")
    #expect(!result.wasSignalled, "\(arguments)")
    if let status { #expect(result.status == status, "\(arguments): \(printed)") }
    if echoes {
      #expect(printed.contains("x\u{FFFD}]0;owned\u{FFFD}") || printed.contains("x\\u001b]0;"), "\(printed)")
    }
    #expect(result.error.count { $0 == "\n" } == (result.status == 0 || result.error.isEmpty ? 0 : 1), "\(arguments)")
    return result
  }

  @Test("of models and of written files", arguments: [false, true]) func generate(json: Bool) throws {
    let path = "\(folder.path)/out\(Hostile.name)"
    let files = [
      ("--output", ".png"), ("--receipt", ".json"), ("--contact-sheet", ".sheet.png"), ("--animation", ".anim.png"),
      ("--csv", ".csv"), ("--trace", "-trace"),
    ]
    try run(
      ["generate", model, "--seed", "0", "--steps", "1", "--threads", "1"] + (json ? ["--json"] : [])
        + files.flatMap { [$0.0, path + $0.1] }, status: 0)
  }

  @Test("of models that are inspected, benchmarked, drawn and verified") func others() throws {
    try run(["inspect", model], status: 0)
    try run(["inspect", model, "--json"], status: 0)
    let receipt = "\(folder.path)/\(Hostile.name).json"
    try run(["generate", model, "--seed", "0", "--steps", "1", "--threads", "1", "--receipt", receipt], status: 0)
    try run(["verify", receipt], echoes: false, status: 0)
    try run(["verify", receipt, "--json"], status: 0)
    try run(["verify", receipt, "\(Fixtures.folder)/unet/four-levels"], echoes: false, status: 1)
    for (keys, ending) in [
      ("right y", "txt"), ("O", "txt"), (": m", "txt"), ("c c", "txt"), ("x r", "txt"), ("O", "svg"), ("O", "ansi"),
    ] {
      let file = "\(folder.path)/\(Hostile.name).\(ending)"
      try run(
        ["snapshot", model, "--seed", "0", "--steps", "1", "--threads", "1", "--keys", keys, "--output", file],
        echoes: false, status: 0)
      var text = try String(contentsOfFile: file, encoding: .utf8)
      if ending == "ansi" { text = text.replacing(/\u{1B}\[[0-9;]*m/, with: "") }
      #expect(Hostile.scalars(in: text) == [], "\(keys)")
    }
  }

  @Test("of a benchmarked model", arguments: [[], ["--json"]]) func bench(format: [String]) throws {
    try run(["bench", model, "--repeats", "1", "--threads", "1"] + format, status: 0)
  }

  @Test("typed in the plain mode") func plain() throws {
    let lines = [
      "settings", "status", "show", "step", "stats", "y", "copy-command-line", "model \(Hostile.name)",
      "seed \(Hostile.name)",
      Hostile.name, "export receipt \(Hostile.name)", "theme \(Hostile.name)", "help",
    ]
    // A line feed ends a line.
    let input = lines.map { $0.filter { !$0.isNewline } + "\n" }.joined()
    try run(["--plain", model, "--seed", "0", "--steps", "1", "--threads", "1"], input: input, status: 0)
  }

  @Test("of missing models, lessons, themes, files and words") func missing() throws {
    let name = Hostile.name
    let cases: [([String], Int32)] = [
      (["generate", name], 66), (["generate", "owner/\(name)"], 66), (["inspect", name], 66), (["bench", name], 66),
      (["verify", name], 66), (["explore", name, "--plain"], 66), (["--plain", name], 66), (["lesson", name], 64),
      (["lesson", "\(name).toml"], 66), (["snapshot", name, "--output", "s.txt"], 66),
      (["snapshot", "--output", "s.txt", "--theme", name], 64),
      (["snapshot", "--output", "s.txt", "--keys", name], 64),
      (["snapshot", "--output", "\(name).gif"], 64), (["explore", "--plain", "--compare", "\(name).toml"], 66),
      (["randn", "--seed", "0", "--shape", "2", "--output", "/none/\(name).npy"], 73),
      (["generate", "--output", "/none/\(name).png"], 73), (["generate", "--trace", "/none/\(name)"], 73),
      (["generate", "--receipt", "/none/\(name).json"], 73), (["generate", "--\(name)"], 64), ([name, name], 64),
      (["doctor", name], 64), (["doctor", "--\(name)=\(name)"], 64),
      (["lesson", "step", name], 64), (["generate", "--image", "\(name).png"], 66),
      (["generate", "sd-emoji-64", "--prompt", "pizza", "--refiner", name], 66),
    ]
    for (arguments, status) in cases { try run(arguments, status: status) }
  }

  @Test("as an option's value, for every option of every command") func options() throws {
    var refused = 0
    for (command, options) in try Self.options() {
      let read = try #require(Self.readers[command], "say how the options of \(command) are read")
      for option in options {
        // A theme and a refiner are looked up and a picture read later; the folder for a trace may have any name, and
        // prompts, which a gallery may have too, any text.
        let takesAnything = [
          "--theme", "--trace", "--image", "--prompt", "--negative-prompt", "--gallery", "--refiner",
        ]
        guard !takesAnything.contains(option) else { continue }
        let error = try #require(throws: (any Error).self, "\(command) \(option)") { try read([option, Hostile.name]) }
        let line = try #require(CommandOutcome(error, of: Root.self).errorLine).text
        #expect(Hostile.scalars(in: line) == [] && !line.contains("\n"), "\(command) \(option): \(line)")
        refused += 1
      }
    }
    #expect(refused > 50)
  }

  private struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "program")
  }

  /// How each command parses its options.
  private static let readers: [String: @Sendable ([String]) throws -> Void] = [
    "explore": { _ = try ExploreOptions.parse($0).request(drawSeed: { 1 }) },
    "lesson": { _ = try LessonOptions.parse(["step"] + $0).request(drawSeed: { 1 }) },
    "generate": { _ = try GenerateOptions.parse($0).request(drawSeed: { 1 }) },
    "randn": { _ = try RandnOptions.parse(["--seed", "1", "--shape", "2"] + $0).request(drawSeed: { 1 }) },
    "inspect": { _ = try InspectOptions.parse($0).settings(environment: [:]) },
    "snapshot": { _ = try SnapshotOptions.parse(["--output", "s.txt"] + $0).request(drawSeed: { 1 }) },
    "bench": { _ = try BenchOptions.parse($0).request() },
    "verify": { _ = try VerifyOptions.parse(["/none/receipt.json"] + $0).request() },
    "models list": { _ = try ModelsOptions.parse($0) },
    "models pull": { _ = try PullOptions.parse(["owner/name"] + $0).request() },
    "models rm": { _ = try HubModelArgument.parse(["owner/name"] + $0).hubName() },
    "sweep run": { _ = try SweepOptions.parse(["/none/plan.toml"] + $0).request() },
    "sweep merge": {
      let options = try SweepMergeOptions.parse(["/none/sweep"] + $0)
      _ = try (options.progressFormat(), options.request())
    },
    "doctor": { _ = try DoctorOptions.parse($0) },
  ]

  /// The options that take a value, from the argument parser's own list.
  private static func options() throws -> [(command: String, options: [String])] {
    let dump = try Program.run(["--experimental-dump-help"]).output
    let tool = try #require(try JSONSerialization.jsonObject(with: Data(dump.utf8)) as? [String: Any])
    let root = try #require(tool["command"] as? [String: Any])
    let commands = try #require(root["subcommands"] as? [[String: Any]]).filter {
      $0["commandName"] as? String != "help"
    }
    let found = commands.flatMap { command in
      let name = command["commandName"] as? String ?? ""
      guard let parts = command["subcommands"] as? [[String: Any]], !parts.isEmpty else {
        return [(name, options(of: command))]
      }
      return parts.map { ("\(name) \($0["commandName"] as? String ?? "")", options(of: $0)) }
    }
    #expect(found.count == readers.count && found.reduce(0) { $0 + $1.1.count } > 50)
    return found
  }

  private static func options(of command: [String: Any]) -> [String] {
    let arguments = (command["arguments"] as? [[String: Any]] ?? []).filter { $0["kind"] as? String == "option" }
    return arguments.compactMap { ($0["preferredName"] as? [String: Any])?["name"] as? String }.map { "--\($0)" }
  }

  @Test(
    "in a model's configurations",
    arguments: ["model_index.json", "unet/config.json", "scheduler/scheduler_config.json"])
  func configurations(file: String) throws {
    let path = "\(model)/\(file)"
    for value in try Hostile.variants(of: path) {
      try Hostile.write(value, to: path)
      let result = try run(["inspect", model])
      if result.status == 0 { try run(["inspect", model, "--json"]) }
    }
    for text in ["{\"\(Hostile.escaped)\" 1}", "{\"_class_name\": \(Hostile.name)}", Hostile.name] {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      try run(["generate", model, "--seed", "0", "--steps", "1", "--threads", "1"], status: 65)
    }
  }

  @Test("in the header of a weights file") func weights() throws {
    let path = "\(model)/unet/diffusion_pytorch_model.safetensors"
    let entries = [
      "\"\(Hostile.escaped)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}",
      "\"conv_in.weight\":{\"dtype\":\"\(Hostile.escaped)\",\"shape\":[1],\"data_offsets\":[0,4]}",
      "\"__metadata__\":{\"format\":\"\(Hostile.escaped)\"},\"\(Hostile.escaped)\":1",
    ]
    for entry in entries {
      let header = Array("{\(entry)}".utf8)
      let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
      try Data(length + header + [0, 0, 0, 0]).write(to: URL(fileURLWithPath: path))
      try run(["inspect", model])
    }
  }

  @Test("in a receipt") func receipts() throws {
    let path = "\(folder.path)/receipt.json"
    let tiny = "\(Fixtures.folder)/unet/two-levels"
    try run(
      ["generate", tiny, "--seed", "0", "--steps", "1", "--threads", "1", "--receipt", path], echoes: false, status: 0)
    for (index, value) in try Hostile.variants(of: path).enumerated() {
      try Hostile.write(value, to: path)
      try run(index.isMultiple(of: 2) ? ["verify", path] : ["verify", path, tiny, "--json"], echoes: false)
    }
  }

  @Test("in files of runs, lessons, keys, themes and sessions") func ownFiles() throws {
    let home = "\(folder.path)/home\(Hostile.name)", own = ["XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home]
    let settings = "\(home)/diffusion-tui", themes = "\(settings)/themes"
    try FileManager.default.createDirectory(atPath: themes, withIntermediateDirectories: true)
    func write(_ text: String, _ path: String) throws {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let file = "\(folder.path)/\(Hostile.name).toml", name = "\"\(Hostile.escaped)\""
    for text in [
      "[[run]]\nseed = \(name)", "[[run]]\n\(name) = 1", "[[run]]\nmodel = \(name)", "\(name) = 1", Hostile.name,
      "[[run]]\nscheduler = \(name)", "[[run]]\ndevice = \(name)",
    ] {
      try write(text, file)
      try run(["snapshot", "--compare", file, "--output", "\(folder.path)/s.txt"])
      try run(["lesson", file])
    }
    for text in [
      "[explorer]\ntheme = \(name)", "[explorer]\n\(name) = 1", "[keys]\n\(name) = \"q\"", "[keys]\nquit = \(name)",
      "[explorer]\nspeed = \(name)", "[explorer]\nrenderer = \(name)", Hostile.name,
    ] {
      try write(text, "\(settings)/config.toml")
      try run(["snapshot", "--steps", "1", "--output", "\(folder.path)/s.txt"], environment: own, status: 65)
    }
    try run(["doctor"], environment: own, status: 1)
    try write("", "\(settings)/config.toml")
    try write("name = \(name)\n\(name) = 1", "\(themes)/\(Hostile.name).toml")
    try write("{\"format\": 1, \(name): 1}", "\(settings)/session.json")
    for format in [[], ["--json"]] { try run(["doctor"] + format, environment: own, status: 1) }
  }

  private static let variables = [
    "TERM", "COLORTERM", "NO_COLOR", "TMUX", "LC_ALL", "LC_CTYPE", "LANG", "HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME",
    "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "DIFFUSION_ISA", "ESCDELAY", "TERMINFO",
  ]

  @Test("in the environment", arguments: [Hostile.name, "/\(Hostile.name)"]) func environment(value: String) throws {
    // Compiled kernels, ours and those of PoCL, stay in a folder that is removed.
    let folder = try TemporaryFolder()
    let all = Dictionary(uniqueKeysWithValues: Self.variables.map { ($0, value) })
      .merging(["POCL_CACHE_DIR": folder.path, "XDG_CACHE_HOME": "\(folder.path)/\(Hostile.name)"]) { $1 }
    for format in [[], ["--json"]] { try run(["doctor"] + format, environment: all, status: 1) }
    try run(["generate", "owner/none"], environment: all, status: 64)
    let most = all.filter { $0.key != "DIFFUSION_ISA" }
    try run(["generate", "owner/none"], environment: most, echoes: value.hasPrefix("/"), status: 66)
    try run(["explore"], environment: most, echoes: false, status: 69)
  }
}
