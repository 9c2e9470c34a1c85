/// A kind of file that the explorer can write.
public enum ExportKind: String, Sendable, CaseIterable {
  /// A record of the run's settings and results, for `diffusion-tui verify`.
  case receipt
  /// The picture of the focused run, pixel for pixel.
  case png
  /// Every step of the focused run in one PNG.
  case sheet
  /// The denoising process as an animated PNG.
  case animation
  /// The tensor that the focused run shows.
  case npy
  /// The statistics of every step's tensors.
  case csv
  /// The screen as an image.
  case svg
  /// The screen as text with escape sequences.
  case ansi
  /// A captioned page of what is open.
  case handout
  /// What is open as a file of runs.
  case runs

  /// The key that selects it in the menu.
  package var letter: Character {
    switch self {
    case .receipt: "r"
    case .png: "p"
    case .sheet: "c"
    case .animation: "a"
    case .npy: "n"
    case .csv: "s"
    case .svg: "v"
    case .ansi: "t"
    case .handout: "h"
    case .runs: "o"
    }
  }

  /// The description in the menu.
  package var help: String {
    switch self {
    case .receipt: "receipt: settings and hashes, for diffusion-tui verify"
    case .png: "the picture that is shown, as PNG"
    case .sheet: "contact sheet: all steps so far in one PNG"
    case .animation: "the denoising so far as an animated PNG"
    case .npy: "the tensor that is shown, as .npy (float32 NCHW)"
    case .csv: "the statistics of every step so far, as CSV"
    case .svg: "this screen as SVG"
    case .ansi: "this screen as ANSI text"
    case .handout: "handout: one page of pictures, settings, hashes (.png, .svg, .md)"
    case .runs: "what is open as a runs file, for --compare"
    }
  }

  /// The possible file extensions, the default first.
  public var endings: [String] {
    switch self {
    case .receipt: [".json"]
    case .png, .sheet: [".png"]
    case .animation: [".png", ".apng"]
    case .npy: [".npy"]
    case .csv: [".csv"]
    case .svg: [".svg"]
    case .ansi: [".ansi", ".txt"]
    case .handout: [".png", ".svg", ".md"]
    case .runs: [".toml"]
    }
  }

  /// The last part of a proposed name, including the extension.
  func nameEnd(_ view: TensorView, position: Int) -> String {
    switch self {
    case .receipt: "receipt.json"
    case .png: "\(view.shortLabel)-\(position).png"
    case .sheet: "sheet.png"
    case .animation: "animation.png"
    case .npy: "\(view.shortLabel)-\(position).npy"
    case .csv: "statistics.csv"
    case .svg: "screen-\(position).svg"
    case .ansi: "screen-\(position).ansi"
    case .handout: "handout.png"
    case .runs: "runs.toml"
    }
  }
}
