import DiffusionCore

/// The means to write files and build command lines, supplied by the program that embeds the explorer.
public struct Keeper: Sendable {
  /// Writes a file completely or not at all, off the terminal's thread; the closure throws to stop it.
  public typealias Write =
    @Sendable (ExplorerExport, _ checkCancellation: @Sendable () throws -> Void) throws -> ExportResult

  /// Writes a file.
  let write: Write
  /// The command line that reproduces a run.
  package let commandLine: @Sendable (RunRequest) -> String

  /// Creates a keeper.
  ///
  /// - Parameters:
  ///   - write: Writes a file. Throws `CancellationError` if it was stopped, and any other error if it failed.
  ///   - commandLine: The command line that reproduces a run.
  public init(write: @escaping Write, commandLine: @escaping @Sendable (RunRequest) -> String) {
    (self.write, self.commandLine) = (write, commandLine)
  }

  /// A keeper that writes nothing, for explorers outside a program.
  public static let none = Keeper(
    write: { export, _ in throw DiffusionError(.cannotCreate, "\(export.path): nothing is written here") },
    commandLine: { "seed \($0.settings.seeds.first ?? 0), \($0.settings.steps) steps" })

  /// Writes a file. A failure becomes the result.
  ///
  /// - Throws: `CancellationError`, and nothing else.
  func result(
    of export: ExplorerExport, checkCancellation: @Sendable () throws -> Void
  ) throws(CancellationError) -> ExportResult {
    do {
      return try write(export, checkCancellation)
    } catch let error as CancellationError {
      throw error
    } catch {
      return .failed(String(describing: error))
    }
  }
}
