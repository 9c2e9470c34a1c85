/// What came of a file that was to be written.
public enum ExportResult: Sendable, Equatable {
  /// It is there, under this full path.
  case written(String)
  /// There is such a file already, and nothing was written.
  case exists(String)
  /// Why it could not be written, in one line.
  case failed(String)
}
