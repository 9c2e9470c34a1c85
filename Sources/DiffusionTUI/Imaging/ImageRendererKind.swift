import DiffusionCore

/// The renderers that can be picked.
public enum ImageRendererKind: String, Sendable, CaseIterable {
  /// Two exact pixels a cell.
  case halfBlock = "half-block"
  /// A ramp of characters, two columns a pixel.
  case asciiRamp = "ascii"

  /// Reads a name as `--renderer` takes it.
  ///
  /// - Throws: `DiffusionError` (`usage`) naming the renderers there are.
  public init(parsing name: String) throws {
    guard let kind = ImageRendererKind(rawValue: name) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw DiffusionError(.usage, "renderer '\(name)' is unknown: expected one of \(known)")
    }
    self = kind
  }

  /// What draws.
  package var renderer: any ImageRenderer {
    switch self {
    case .halfBlock: HalfBlockRenderer()
    case .asciiRamp: ASCIIRampRenderer()
    }
  }

  /// What the screen calls it.
  package var label: String { self == .halfBlock ? "half block" : "ASCII ramp" }
}
