import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// Runs side by side: the options of every command that shows the explorer.
public struct CompareOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Show runs with these seeds side by side, 2 to 8 of them: 0,1,2,3. Not together with --seed.",
      valueName: "n,n,..."))
  var compare: String?

  /// Options as they stand when none is given.
  public init() {}
}

extension CompareOptions {
  /// The settings of every run, the first one's first: one run where no seeds to compare are given.
  ///
  /// - Throws: ``DiffusionError``: `usage` that names the option; `unavailable` for a device that is not here.
  func runs(_ run: RunOptions, drawSeed: () -> Seed, environment: [String: String]) throws -> [RunSettings] {
    guard let seeds = try seeds(excluding: run.seed) else {
      return [try run.settings(drawSeed: drawSeed, environment: environment)]
    }
    return try seeds.map { try run.settings(seeds: [$0], batchSize: 1, environment: environment) }
  }

  private func seeds(excluding seed: String?) throws -> [Seed]? {
    guard let compare else { return nil }
    guard seed == nil else {
      throw DiffusionError(
        .usage, "--seed and --compare exclude each other: give --seed for one run, --compare for several")
    }
    let texts = compare.split(separator: ",", omittingEmptySubsequences: false)
    guard (2...State.maximumPanes).contains(texts.count) else {
      throw DiffusionError(
        .usage,
        "--compare: '\(compare)' is \(texts.count) \(texts.count == 1 ? "seed" : "seeds"): expected 2 to \(State.maximumPanes), such as 0,1,2,3"
      )
    }
    return try texts.map { text in
      do {
        return try Seed(parsing: String(text))
      } catch {
        throw DiffusionError(.usage, "--compare: \(error)")
      }
    }
  }
}
