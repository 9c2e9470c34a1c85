import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The options of `lesson`.
public struct LessonOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A lesson's name, or a .toml file with a lesson, a pipe or -. If omitted, the lessons are listed."),
    completion: .lessons)
  var name: String?

  @OptionGroup
  var compute: ComputeOptions

  @OptionGroup(title: "Appearance")
  var look: AppearanceOptions

  /// Creates options with their defaults.
  public init() {}
}

extension LessonOptions {
  /// Reads and checks the request: the explorer with the lesson open; nil for the list.
  ///
  /// - Parameters:
  ///   - drawSeed: Draws the seed of the run that appears when the lesson is left.
  ///   - environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`.
  /// - Throws: ``DiffusionError``: `usage` that names the option or the lesson; `badData` for a file that is not a
  ///   lesson, `missingInput` for one that is missing; `unavailable` for a device that is not available.
  public func request(drawSeed: () -> Seed, environment: [String: String] = [:]) throws -> ExploreRequest? {
    guard let name else { return nil }
    let settings = try compute.settings(environment: environment, drawSeed: drawSeed)
    return try ExploreRequest(
      model: .demo, runs: [RunRequest(settings: settings)], appearance: try look.appearance(),
      lesson: try Self.lesson(name))
  }

  /// The built-in lessons, one per line.
  public static var list: PrintedText {
    var table = TextTable([("lesson", .left), ("what it shows", .left)])
    for lesson in LessonLibrary().lessons { table.append([lesson.name, "\(lesson.title): \(lesson.summary)"]) }
    return table.text
  }

  private static func lesson(_ name: String) throws -> Lesson {
    guard name.hasSuffix(".toml") || TextInput.isStream(name) else { return try LessonLibrary().lesson(named: name) }
    return try LessonLibrary.lesson(at: TextInput.name(of: name), bytes: try TextInput.read(name))
  }
}
