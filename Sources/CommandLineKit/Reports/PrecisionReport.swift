import DiffusionCore
import DiffusionTUI

/// How far runs with rounded weights or other sums part from an exact run, as `generate --precision-report` prints it.
public struct PrecisionReport: Encodable, Sendable, Equatable {
  /// The distance of a tensor from the exact one.
  struct Distance: Encodable, Sendable, Equatable {
    let comparison: TensorComparison

    private enum CodingKeys: String, CodingKey {
      case rmse, psnr
      case largest = "max_abs_diff"
      case equalElements = "equal_elements"
      case equalBits = "equal_bits"
      case ulpHistogram = "ulp_histogram"
      case nanPairs = "nan_pairs"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(comparison.rootMeanSquareError, forKey: .rmse)
      try container.encode(comparison.maximumAbsoluteDifference, forKey: .largest)
      try container.encode(comparison.peakSignalToNoiseRatio, forKey: .psnr)
      try container.encode(comparison.shareOfEqualElements, forKey: .equalElements)
      try container.encode(comparison.shareOfEqualBits, forKey: .equalBits)
      try container.encode(comparison.ulpHistogram, forKey: .ulpHistogram)
      try container.encode(comparison.nanPairCount, forKey: .nanPairs)
    }
  }

  /// A step of one variant.
  struct Step: Encodable, Sendable, Equatable {
    let index: Int
    /// Left out of a run of one stage.
    let stage: String?
    let timestep: Float
    /// Of x_{t-1}.
    let sample: Distance
    let modelOutput: Distance

    private enum CodingKeys: String, CodingKey {
      case index, stage, timestep, sample
      case modelOutput = "model_output"
    }
  }

  /// How far the layers of each variant are in a step.
  typealias StepLayers = (step: Int, deviations: [[LayerDeviation]])

  /// A layer of one variant, in the first step of a stage.
  struct Layer: Encodable, Sendable, Equatable {
    let step: Int
    let layer: String
    let relativeError: Double
    /// Left out where the layer before has no error.
    let growth: Double?

    private enum CodingKeys: String, CodingKey {
      case step, layer, growth
      case relativeError = "relative_error"
    }
  }

  /// One less exact way to compute the run.
  struct Variant: Encodable, Sendable, Equatable {
    let name: String
    /// The index of the first step after which x_t differs in a bit; left out if none does.
    let differsAt: Int?
    let steps: [Step]
    let layers: [Layer]
    let image: Distance

    private enum CodingKeys: String, CodingKey {
      case name, steps, layers, image
      case differsAt = "differs_at"
    }

    /// The layers of a step whose error is most above that of the layer before, up to three.
    func strongest(in step: Int) -> [Layer] {
      let grown = layers.filter { $0.step == step && ($0.growth ?? 0) > 1 }
      return Array(grown.sorted { ($0.growth ?? 0) > ($1.growth ?? 0) }.prefix(3))
    }
  }

  let heading: GenerateHeading
  let variants: [Variant]

  private enum CodingKeys: String, CodingKey { case model, settings, engine, variants }

  /// Creates a report of a study that has taken its steps.
  ///
  /// - Parameters:
  ///   - heading: What is known of the exact run.
  ///   - study: The study.
  ///   - layers: The deviations of layers in the first step of each stage.
  ///   - images: The deviation of each variant's images.
  init(heading: GenerateHeading, study: PrecisionStudy, layers: [StepLayers], images: [TensorComparison]) {
    self.heading = heading
    let run = study.exactRun
    variants = study.variants.indices.map { variant in
      let steps = study.steps.map { step in
        let deviation = step.deviations[variant]
        return Step(
          index: step.index, stage: run.stage(ofStep: step.index)?.name, timestep: step.timestep,
          sample: Distance(comparison: deviation.sample),
          modelOutput: Distance(comparison: deviation.modelOutput))
      }
      return Variant(
        name: study.variants[variant].rawValue,
        differsAt: steps.first { !$0.sample.comparison.isBitEqual }?.index, steps: steps,
        layers: layers.flatMap { step, deviations in
          deviations[variant].map {
            Layer(step: step, layer: $0.layer, relativeError: $0.relativeError, growth: $0.growth)
          }
        },
        image: Distance(comparison: images[variant]))
    }
  }

  /// The error for images with a NaN; nil if there is none.
  public var nonFiniteImages: NonFiniteImages? {
    let count = variants.map(\.image.comparison.nanPairCount).max() ?? 0
    guard count > 0 else { return nil }
    return NonFiniteImages(message: "the images are not finite: \(count) values are NaN, of which no distance is known")
  }

  /// Encodes everything in one object.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(heading.model, forKey: .model)
    try container.encode(heading.settings, forKey: .settings)
    try container.encode(heading.engine, forKey: .engine)
    try container.encode(variants, forKey: .variants)
  }

  /// The report as one JSON object.
  public func json() throws -> PrintedText { try JSONReport.text(self) }

  /// What stands below the lines of the steps.
  var result: PrintedText { ["", summary.text, layerTable.text, Self.notes].joined(separator: "\n") }

  private var summary: TextTable {
    var table = TextTable([
      ("at the end", .left), ("differs at", .right), ("x_0 RMSE", .right), ("largest", .right), ("ulp <", .right),
      ("equal", .right), ("image RMSE", .right), ("PSNR", .right),
    ])
    for variant in variants {
      guard let last = variant.steps.last?.sample.comparison else { continue }
      let image = variant.image.comparison
      table.append([
        variant.name, variant.differsAt.map { "step \($0)" } ?? "never",
        PrecisionLines.number(last.rootMeanSquareError),
        PrecisionLines.number(last.maximumAbsoluteDifference), last.medianDistanceExponent.map { "\(1 << $0)" } ?? "-",
        PrecisionLines.share(last.shareOfEqualElements), PrecisionLines.number(image.rootMeanSquareError),
        image.peakSignalToNoiseRatio.isFinite
          ? FixedDecimal.text(image.peakSignalToNoiseRatio, digits: 1) + " dB" : "-",
      ])
    }
    return table
  }

  private var layerTable: TextTable {
    var table = TextTable([
      ("layers that amplify", .left), ("step", .right), ("", .left), ("error", .right), ("growth", .right),
    ])
    for variant in variants {
      for step in Set(variant.layers.map(\.step)).sorted() {
        for layer in variant.strongest(in: step) {
          table.append([
            variant.name, "\(step)", layer.layer, PrecisionLines.number(layer.relativeError),
            (layer.growth.map { FixedDecimal.text($0, digits: 1, columns: 8) } ?? "-") + "x",
          ])
        }
      }
    }
    return table
  }

  /// At most 79 columns wide.
  private static let notes: PrintedText = """
    All runs have the same noise. Each step has the RMSE of x_t against float32
    weights, and the share of values with the same bits. Half of the values differ
    by less than "ulp <" units in the last place. A layer's error is that of its
    output, relative to the exact output; growth is against the layer that ran
    before. JSON (--json) has every figure of every step and layer.

    """
}

/// The table of steps, a line at a time, as the steps are taken. It is 78 columns wide.
enum PrecisionLines {
  /// The line with the headings.
  static var heading: PrintedText {
    let names = PrecisionVariant.allCases.flatMap { [$0 == .reassociated ? "reassoc." : $0.rawValue, "equal"] }
    return line(["step", "timestep"] + names)
  }

  /// The line of a step.
  static func line(_ step: PrecisionStep) -> PrintedText {
    let numbers = step.deviations.flatMap {
      [number($0.sample.rootMeanSquareError), share($0.sample.shareOfEqualElements)]
    }
    let whole = step.timestep.wholeText
    let timestep = whole.count <= 8 ? whole : FixedDecimal.text(Double(step.timestep), digits: 6, columns: 8)
    return line(["\(step.index)", timestep] + numbers)
  }

  /// A distance with four digits.
  static func number(_ value: Double) -> String {
    value == 0 || !value.isFinite ? NumberText.fixed(value, 0) : NumberText.scientific(value)
  }

  /// A share in percent; 100 only if it is whole.
  static func share(_ value: Double) -> String {
    value < 1 ? FixedDecimal.text(min(value * 100, 99.9), digits: 1) + "%" : "100%"
  }

  private static func line(_ texts: [String]) -> PrintedText {
    let widths = [5, 8] + PrecisionVariant.allCases.flatMap { _ in [9, 6] }
    return TextTable.line(texts.map { PrintedText(line: $0) }, widths.map { ($0, .right) })
  }
}
