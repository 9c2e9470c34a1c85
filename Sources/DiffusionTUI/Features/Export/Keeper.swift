import DiffusionCore

/// What writes the explorer's files and spells out its runs: the program that it is a part of.
public struct Keeper: Sendable {
  /// Writes a file whole or not at all, off the terminal's thread; the closure throws to stop it.
  public typealias Write =
    @Sendable (ExplorerExport, _ checkCancellation: @Sendable () throws -> Void) throws -> ExportResult

  /// Writes a file.
  let write: Write
  /// The command line that makes a run again.
  package let commandLine: @Sendable (RunRequest) -> String

  /// Describes what writes.
  ///
  /// - Parameters:
  ///   - write: Throws `CancellationError` where it was stopped, and whatever else keeps the file from being written.
  ///   - commandLine: The command line that makes a run again.
  public init(write: @escaping Write, commandLine: @escaping @Sendable (RunRequest) -> String) {
    (self.write, self.commandLine) = (write, commandLine)
  }

  /// Writes nothing, for explorers that are no program.
  public static let none = Keeper(
    write: { export, _ in throw DiffusionError(.cannotCreate, "\(export.path): nothing is written here") },
    commandLine: { "seed \($0.settings.seeds.first ?? 0), \($0.settings.steps) steps" })

  /// Writes a file; what goes wrong is its result.
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
