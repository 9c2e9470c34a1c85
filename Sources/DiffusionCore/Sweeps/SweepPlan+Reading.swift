extension SweepPlan: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, format, constants, axes, output, folder
  }

  /// The value of `kind` in every file of a plan.
  static let kindName = "diffusion-tui sweep"
  /// The `format` that this program writes and reads.
  static let currentFormat = 1

  /// Decodes a plan.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) for another kind of file, and as the other initialisers.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let kind = try container.decode(String.self, forKey: .kind),
      format = try container.decode(Int.self, forKey: .format)
    guard kind == Self.kindName, format == Self.currentFormat else {
      throw DiffusionError(
        .badData,
        "kind '\(kind.prefix(40))' of format \(format): expected '\(Self.kindName)' of format \(Self.currentFormat); "
          + "a newer program may read it")
    }
    let axes = try container.decode([SweepAxis].self, forKey: .axes)
    try Self.check(axes)
    try self.init(
      keyed: container.decode([String: SettingValue].self, forKey: .constants), axes: axes,
      output: container.decode(Output.self, forKey: .output))
    folder = try container.decodeIfPresent(String.self, forKey: .folder)
  }

  /// Refuses axes that no plan can have.
  private static func check(_ axes: [SweepAxis]) throws {
    var count = 1
    for axis in axes {
      guard axis.count > 0, axis.keys.count == axis.values.count, axis.values.allSatisfy({ $0.count == axis.count })
      else { throw DiffusionError(.badData, "axes: an axis needs values, as many for each key") }
      // Every list was in the file: a product of them cannot overflow before it is too large.
      count *= axis.count
      guard count <= maximumCells else {
        throw DiffusionError(.badData, "axes: more than \(maximumCells) cells")
      }
    }
  }

  /// Encodes the constants, and every value of every axis.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.kindName, forKey: .kind)
    try container.encode(Self.currentFormat, forKey: .format)
    try container.encode(constants, forKey: .constants)
    try container.encode(axes, forKey: .axes)
    try container.encode(output, forKey: .output)
    try container.encodeIfPresent(folder, forKey: .folder)
  }

  /// Reads a plan that ``json()`` wrote.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the source.
  public init(json: [UInt8], source: String) throws {
    // Its axes have at most as many values as it has cells.
    self = try JSONText.decode(SweepPlan.self, from: json, source: source, maximum: 2 * Self.maximumCells)
  }

  /// The plan as bytes of a file.
  public func json() throws -> [UInt8] { try ReceiptJSON.text(self) }

  /// What differs first from a plan of before: `steps was 10, is 20`; nil if nothing does.
  public func difference(from former: SweepPlan) -> String? {
    for key in Set(constants.keys).union(former.constants.keys).sorted()
    where constants[key] != former.constants[key] {
      let (before, now) = (former.constants[key], constants[key])
      return "\(SweepAxis.written(key)) was \(Self.text(before)), is \(Self.text(now))"
    }
    let (names, before) = (axes.map(\.name), former.axes.map(\.name))
    guard names == before else {
      return "the axes were \(before.joined(separator: " x ")), are \(names.joined(separator: " x "))"
    }
    for (axis, other) in zip(axes, former.axes) where axis != other {
      guard axis.count == other.count else { return "\(axis.name) had \(other.count) values, has \(axis.count)" }
      let place = (0..<axis.count).first { axis.label(at: $0) != other.label(at: $0) } ?? 0
      return "value \(place + 1) of \(axis.name) was \(other.label(at: place)), is \(axis.label(at: place))"
    }
    return output == former.output ? nil : "the output was \(former.output.text), is \(output.text)"
  }

  private static func text(_ value: SettingValue?) -> String { value.map(SweepAxis.text) ?? "not given" }
}

extension SweepPlan.Output {
  fileprivate var text: String {
    (["receipts"] + (images ? ["images"] : []) + (statistics ? ["statistics"] : [])).joined(separator: " and ")
  }
}
