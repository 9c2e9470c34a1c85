import DiffusionCore

/// A file for the explorer to write, with its contents.
public struct ExplorerExport: Sendable, Equatable {
  /// What to do if the file already exists.
  public enum Collision: Sendable, Equatable {
    /// Use the next free number: `name-2.png`.
    case number
    /// Write nothing and report it.
    case refuse
    /// Replace it.
    case replace
  }

  /// A file without its contents.
  public struct Target: Sendable, Equatable {
    /// The kind of file.
    package let kind: ExportKind
    /// The path as given.
    package let path: String
    /// What to do if the file already exists.
    package let collision: Collision

    /// The file with the contents of a run.
    package func export(_ run: RecordedRun) -> ExplorerExport {
      ExplorerExport(kind: kind, path: path, collision: collision, content: .run(run))
    }
  }

  /// The contents of a file.
  public enum Content: Sendable, Equatable {
    /// A run with its completed steps.
    case run(RecordedRun)
    /// A tensor, `[batch, channels, height, width]`.
    case tensor(Tensor<Float>)
    /// The image of latents.
    case decoded(DecodedImage)
    /// A picture as it is shown: of differences, or of one channel.
    case picture(Picture)
    /// A screen, and the colours of its terminal.
    case frame(Frame, ColorTier)
    /// A captioned page.
    case handout(Handout)
    /// The requests of runs, one to eight.
    case runs([RunRequest])
  }

  /// The kind of file.
  public let kind: ExportKind
  /// The path as given, relative to the current folder unless it is absolute.
  public let path: String
  /// What to do if the file already exists.
  public let collision: Collision
  /// The contents of the file.
  public let content: Content

  /// Creates a description of a file.
  public init(kind: ExportKind, path: String, collision: Collision, content: Content) {
    (self.kind, self.path, self.collision, self.content) = (kind, path, collision, content)
  }
}

/// The result of writing a file.
public enum ExportResult: Sendable, Equatable {
  /// The file was written to this full path.
  case written(String)
  /// The file already exists, and nothing was written.
  case exists(String)
  /// The file could not be written: the reason, in one line.
  case failed(String)
}

/// A file that is being written.
package struct ExportTask: Sendable, Equatable {
  /// Its number, which the answer repeats.
  package let number: Int
  /// The kind of file.
  let kind: ExportKind
  /// Its name as given.
  let name: String
  /// What to say about it once it is written; nil for nothing.
  var remark: String?
  /// Whether the user has asked to quit in the meantime.
  var isQuitAsked = false
}
