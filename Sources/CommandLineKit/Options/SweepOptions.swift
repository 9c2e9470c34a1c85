import ArgumentParser
import DiffusionCore

/// The options of `sweep`.
public struct SweepOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The plan: TOML with settings that all cells have, and an [[axis]] for each side of the grid; - is standard "
        + "input.",
      valueName: "plan"),
    completion: .file(extensions: ["toml"]))
  var plan: String

  @Option(
    help: ArgumentHelp(
      "The folder for the cells; the next start goes on there. If omitted, the plan's name without .toml.",
      valueName: "dir"),
    completion: .directory)
  var output: String?

  @Option(help: .shard(of: "the cells"), completion: .list(["auto"]))
  var shard: String?

  @OptionGroup
  var compute: ComputeOptions

  @Option(
    help: ArgumentHelp(
      """
      How progress goes to standard error: line (rewritten in place on a terminal, elsewhere a line every half a \
      minute), json (one object on a line after each batch of cells) or none.
      """,
      valueName: "kind"),
    completion: .cases(of: GenerateRequest.Progress.self))
  var progress: String = GenerateRequest.Progress.line.rawValue

  /// Creates options with their defaults.
  public init() {}

  /// Reads and checks the request, with the plan, before any work is done.
  ///
  /// - Parameter environment: Where a batch system says which task this is.
  /// - Throws: ``DiffusionError``: `usage` that names the option; `missingInput` or `badData` for the plan;
  ///   `unavailable` for a device that is not available.
  public func request(environment: [String: String] = [:]) throws -> SweepRequest {
    let computer = try compute.settings(environment: environment)
    let shard = try shard.map { try SweepShard($0, environment: environment) } ?? .whole
    guard let progress = GenerateRequest.Progress(rawValue: progress) else {
      let known = GenerateRequest.Progress.allCases.map(\.rawValue)
      throw DiffusionError(
        .usage, "--progress: '\(progress)' is unknown: expected one of \(known.joined(separator: ", "))")
    }
    let file = try SweepPlanFile(contentsOf: self.plan)
    var plan = file.plan
    if plan.states(.model) || plan.states(.refiner) { plan.folder = SystemCall.absolutePath(file.folder) }
    return SweepRequest(
      folder: SweepFolder(path: try folder(), plan: plan), modelFolder: file.folder, shard: shard,
      base: RunRequest(settings: RunSettings(device: computer.device, threads: computer.threads)), progress: progress)
  }

  private func folder() throws -> String {
    if let output {
      let path = String(output.reversed().drop { $0 == "/" }.reversed())
      guard !path.isEmpty else {
        throw DiffusionError(.usage, "--output: '\(output)' cannot take the cells: name a folder of its own")
      }
      return path
    }
    guard let name = SweepPlanFile.usualFolder(of: plan) else {
      throw DiffusionError(
        .usage, "--output is missing: \(TextInput.name(of: plan)) has no name that ends in .toml to name the folder by")
    }
    return name
  }
}

extension ArgumentHelp {
  /// The help of `--shard`.
  static func shard(of what: String) -> ArgumentHelp {
    ArgumentHelp(
      """
      Take one of N blocks of \(what), I/N from 1/N to N/N. auto takes I and N from Slurm's array; auto/N takes I from \
      Kubernetes' indexed Job or GNU parallel too. The first line of output then says so.
      """,
      valueName: "i/n")
  }
}
