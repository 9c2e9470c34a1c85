import DiffusionCore

/// The available image renderers.
public enum ImageRendererKind: String, Sendable, CaseIterable {
  /// Two exact pixels per cell.
  case halfBlock = "half-block"
  /// A ramp of characters, two columns per pixel.
  case asciiRamp = "ascii"
  /// Four pixels per cell in two colours.
  case quadrant
  /// Six pixels per cell in two colours.
  case sextant
  /// Eight pixels per cell as dots in one colour.
  case braille
  /// The pixels themselves, through kitty's graphics protocol.
  case kitty

  /// Creates a kind from its name, as `--renderer` takes it.
  ///
  /// - Throws: `DiffusionError` (`usage`) that lists the valid names.
  public init(parsing name: String) throws {
    guard let kind = ImageRendererKind(rawValue: name) else {
      let near = NearestName.question(name, among: Self.allCases.map(\.rawValue))
      throw DiffusionError(.usage, "renderer '\(name)' is unknown: \(near)expected one of \(Self.names)")
    }
    self = kind
  }

  /// The names that `--renderer` takes, for its help.
  public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// The renderer itself.
  package var renderer: any ImageRenderer {
    switch self {
    case .halfBlock: HalfBlockRenderer()
    case .asciiRamp: ASCIIRampRenderer()
    case .quadrant: MosaicRenderer(.quadrant)
    case .sextant: MosaicRenderer(.sextant)
    case .braille: BrailleRenderer()
    case .kitty: KittyRenderer()
    }
  }

  /// The name on the screen.
  package var label: String {
    switch self {
    case .halfBlock: "half block"
    case .asciiRamp: "ASCII ramp"
    case .quadrant, .sextant, .braille, .kitty: rawValue
    }
  }

  /// Whether every pixel of every picture has its own colour on the screen.
  package var isExact: Bool { self == .halfBlock || self == .kitty }

  /// The summary in help: how it draws, and what is lost.
  package var summary: String {
    switch self {
    case .halfBlock: "2 pixels a cell, exact"
    case .asciiRamp: "10 levels of gray by density, a pixel in two columns"
    case .quadrant: "4 pixels a cell; more than two colours a cell are brought to the nearest two"
    case .sextant: "6 pixels a cell; more than two colours a cell are brought to the nearest two"
    case .braille: "8 dots a cell in one colour, lightness by ordered dithering"
    case .kitty: "the pixels themselves, exact, by kitty's graphics protocol"
    }
  }

  /// What it needs from a terminal, worded for a notice.
  package var requirement: String {
    switch self {
    case .halfBlock, .quadrant: "Unicode and colours"
    case .sextant: "Unicode, colours, and a font with Unicode 13's block sextants"
    case .asciiRamp: "nothing"
    case .braille: "Unicode"
    case .kitty: "kitty's graphics protocol with Unicode placeholders, and 24-bit colour"
    }
  }

  /// Whether a terminal can show it.
  package func isAvailable(on capabilities: TerminalCapabilities) -> Bool {
    switch self {
    case .asciiRamp: true
    case .braille: capabilities.unicode
    case .halfBlock, .quadrant, .sextant: capabilities.unicode && capabilities.colorTier > .mono
    case .kitty: capabilities.unicode && capabilities.colorTier == .trueColor && capabilities.pixelGraphics
    }
  }

  /// The kinds to try where it cannot be shown, in order.
  package var fallbacks: [ImageRendererKind] {
    switch self {
    case .kitty, .quadrant, .sextant: [.halfBlock, .asciiRamp]
    case .halfBlock, .braille: [.asciiRamp]
    case .asciiRamp: []
    }
  }

  /// This kind, or the first of its fallbacks that the terminal can show.
  package func shown(on capabilities: TerminalCapabilities) -> ImageRendererKind {
    ([self] + fallbacks).first { $0.isAvailable(on: capabilities) } ?? .asciiRamp
  }

  /// The text of a caption: the label, and the number of approximated cells if there are any.
  package func caption(for picture: ScaledPicture) -> String {
    guard !isExact else { return label }
    switch self {
    case .braille: return "\(label), dithered"
    case .asciiRamp: return label
    default: break
    }
    let cells = renderer.cells(for: picture.extent)
    let count = renderer.approximatedCells(of: picture)
    guard count > 0 else { return label }
    let share = 100 * Double(count) / Double(max(1, cells.columns * cells.rows))
    return "\(label), \(NumberText.fixed(share, share < 10 ? 1 : 0))% of cells approximate"
  }
}
