import DiffusionCore

/// A file that the explorer is to write, with everything that it holds.
public struct ExplorerExport: Sendable, Equatable {
  /// What is to be done where there is such a file already.
  public enum Collision: Sendable, Equatable {
    /// Take the next free number: `name-2.png`.
    case number
    /// Write nothing and say so.
    case refuse
    /// Replace it.
    case replace
  }

  /// What the file is made of.
  public enum Content: Sendable, Equatable {
    /// A run with the steps that it has taken.
    case run(RecordedRun)
    /// A tensor, `[batch, channels, height, width]`.
    case tensor(Tensor<Float>)
    /// A screen, and the colours that its terminal has.
    case frame(Frame, ColorTier)
  }

  /// What is written.
  public let kind: ExportKind
  /// Where, as it was named: below the current folder unless it is absolute.
  public let path: String
  /// What is to be done where there is such a file already.
  public let collision: Collision
  /// What the file is made of.
  public let content: Content

  /// Describes a file.
  public init(kind: ExportKind, path: String, collision: Collision, content: Content) {
    (self.kind, self.path, self.collision, self.content) = (kind, path, collision, content)
  }
}

/// What came of a file that was to be written.
public enum ExportResult: Sendable, Equatable {
  /// It is there, under this full path.
  case written(String)
  /// There is such a file already, and nothing was written.
  case exists(String)
  /// Why it could not be written, in one line.
  case failed(String)
}

/// A file that is being written.
package struct ExportTask: Sendable, Equatable {
  /// Its number; the answer has it too.
  package let number: Int
  /// What is being written.
  let kind: ExportKind
  /// Its name, as it was given.
  let name: String
  /// Whether quitting was asked for meanwhile.
  var isQuitAsked = false
}
