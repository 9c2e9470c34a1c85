import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The options of `lesson`.
public struct LessonOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("A lesson's name, or a .toml file with a lesson. Left out, the lessons are listed."))
  var name: String?

  @OptionGroup
  var compute: ComputeOptions

  @OptionGroup(title: "Appearance")
  var look: AppearanceOptions

  /// Options as they stand when none is given.
  public init() {}
}

extension LessonOptions {
  /// Reads what was asked for: the explorer with the lesson open; nil for the list.
  ///
  /// - Parameters:
  ///   - drawSeed: Gives the seed of the run that is there when the lesson is left.
  ///   - environment: Where `DIFFUSION_ISA` may say what `cpu` means.
  /// - Throws: ``DiffusionError``: `usage` that names the option or the lesson; `badData` for a file that is no lesson,
  ///   `missingInput` for one that is not there; `unavailable` for a device that is not here.
  public func request(drawSeed: () -> Seed, environment: [String: String] = [:]) throws -> ExploreRequest? {
    guard let name else { return nil }
    let settings = try compute.settings(environment: environment, drawSeed: drawSeed)
    return try ExploreRequest(
      model: .demo, runs: [RunRequest(settings: settings)], appearance: try look.appearance(),
      lesson: try Self.lesson(name))
  }

  /// The lessons that come with the program, a line for each.
  public static var list: PrintedText {
    var table = TextTable([("lesson", .left), ("what it shows", .left)])
    for lesson in LessonLibrary().lessons { table.append([lesson.name, "\(lesson.title): \(lesson.summary)"]) }
    return table.text
  }

  private static func lesson(_ name: String) throws -> Lesson {
    guard name.hasSuffix(".toml") else { return try LessonLibrary().lesson(named: name) }
    return try LessonLibrary.lesson(at: name, text: String(decoding: try FileAccess.read(name), as: UTF8.self))
  }
}
