/// A grid of runs: settings that all have, and axes along which settings vary.
///
/// A cell is a run. Cells are counted from 0 in the order of rows: the last axis varies fastest.
public struct SweepPlan: Sendable, Equatable {
  /// What is kept of each cell beside its receipt.
  public struct Output: Sendable, Equatable, Codable {
    /// Whether its images are written as PNG files.
    public var images = true
    /// Whether the statistics of its steps are written as a table.
    public var statistics = false

    /// Creates the usual output: images.
    public init() {}
  }

  /// The largest number of cells.
  public static let maximumCells = 1_000_000

  /// The values that all cells have, by their keys with underscores.
  public let constants: [String: SettingValue]
  /// The axes, the slowest first; none for a plan of one cell.
  public let axes: [SweepAxis]
  /// What is kept of each cell beside its receipt.
  public let output: Output
  /// The folder that its models are looked for in first, from the root; nil where no model depends on it.
  public var folder: String?
  /// The number of cells, at least 1.
  public let count: Int
  private let common: SettingValues
  /// The names of the settings that constants or axes give.
  private let stated: Set<String>

  /// Creates a plan.
  ///
  /// - Parameters:
  ///   - constants: The values that all cells have, by their keys as written.
  ///   - axes: The keys and the values of each axis, the slowest first.
  ///   - output: What is kept of each cell.
  /// - Throws: ``DiffusionError`` (`badData`) for a key that is unknown or given twice, axes of unequal lists, and more
  ///   than ``maximumCells``, of which none is made.
  public init(
    constants: [String: SettingValue], axes: [[(key: String, values: SweepValues)]], output: Output = Output()
  ) throws {
    try Self.requireCells(axes)
    let sides = axes.map { axis in
      let axis = axis.map { (key: Self.key($0.key), values: $0.values) }.sorted { $0.key < $1.key }
      return SweepAxis(keys: axis.map(\.key), values: axis.map(\.values.all))
    }
    let written = Dictionary(grouping: constants.keys, by: Self.key)
    if let twice = written.values.first(where: { $0.count > 1 })?.sorted() {
      throw DiffusionError(.badData, "\(twice.joined(separator: " and ")) are one setting: expected it once")
    }
    try self.init(keyed: written.compactMapValues { constants[$0[0]] }, axes: sides, output: output)
  }

  /// Creates a plan of axes whose values are there.
  init(keyed constants: [String: SettingValue], axes: [SweepAxis], output: Output) throws {
    (self.constants, self.axes, self.output) = (constants, axes, output)
    count = axes.reduce(1) { $0 * $1.count }
    var common = SettingValues()
    do {
      for key in constants.keys.sorted() {
        if let value = constants[key] { try Self.add(value, key, to: &common) }
      }
      var first = common
      for (key, value) in axes.flatMap({ $0.entries(at: 0) }) { try Self.add(value, key, to: &first) }
      (self.common, stated) = (common, Set(first.values.keys))
    } catch let error as DiffusionError {
      throw DiffusionError(.badData, error.setting?.keyMessage ?? error.message)
    }
  }

  private static func key(_ written: String) -> String { written.replacing("-", with: "_") }

  private static func add(_ value: SettingValue, _ key: String, to values: inout SettingValues) throws {
    guard try values.add(value, under: SweepAxis.written(key)) else {
      let known = Setting.keys(of: Setting.all), written = SweepAxis.written(key)
      throw DiffusionError(
        .usage,
        "\(written) is unknown: \(NearestName.question(written, among: known))"
          + "expected \(known.joined(separator: ", "))")
    }
  }

  /// Refuses a plan by the number of its cells, before any is made.
  private static func requireCells(_ axes: [[(key: String, values: SweepValues)]]) throws {
    var count: Int128 = 1
    for axis in axes {
      guard let first = axis.first else { throw DiffusionError(.badData, "an axis has no setting: expected one") }
      if let other = axis.first(where: { $0.values.count != first.values.count }) {
        throw DiffusionError(
          .badData,
          "settings of one axis vary together: \(first.key) has \(first.values.count) values, \(other.key) "
            + "\(other.values.count); give them as many, or axes of their own")
      }
      let (product, overflows) = count.multipliedReportingOverflow(by: first.values.count)
      // Beyond that only the size is of interest.
      count = overflows ? .max : product
    }
    guard count <= maximumCells else {
      let sides = axes.compactMap { axis in
        axis.first.map { "\(axis.map(\.key).joined(separator: ", ")) \($0.values.count)" }
      }
      throw DiffusionError(
        .badData,
        "the grid has \(count == .max ? "more than 10^38" : "\(count)") cells (\(sides.joined(separator: " x "))): "
          + "expected at most \(maximumCells); take fewer values")
    }
  }
}

/// The cells of the grid.
extension SweepPlan {
  /// Whether the plan says what a setting is.
  public func states(_ setting: Setting) -> Bool { stated.contains(setting.name) }

  /// The place of a cell along each axis.
  public func places(of cell: Int) -> [Int] {
    var rest = cell
    return axes.reversed().map { axis in
      defer { rest /= axis.count }
      return rest % axis.count
    }.reversed()
  }

  /// The cell at a place along each axis.
  public func cell(at places: [Int]) -> Int {
    zip(axes, places).reduce(0) { $0 * $1.0.count + $1.1 }
  }

  /// What tells a cell from the others: `seed 7, scheduler euler`.
  public func title(of cell: Int) -> String {
    axes.isEmpty ? "the one run" : zip(axes, places(of: cell)).map { $0.title(at: $1) }.joined(separator: ", ")
  }

  /// The settings that tell a cell from the others, with their values: `seed` and `7`, `scheduler` and `euler`.
  package func titleParts(of cell: Int) -> [(name: String, value: String)] {
    zip(axes, places(of: cell)).flatMap { $0.titleParts(at: $1) }
  }

  /// A cell's run.
  ///
  /// - Parameters:
  ///   - cell: The cell, from 0.
  ///   - base: The run whose values replace those that the plan does not state.
  ///   - settings: The settings to read, the model always: a merge leaves out devices, which need not be there.
  /// - Returns: Its request; the batch is as large as its lists.
  /// - Throws: ``DiffusionError``: `badData` that names the cell, the key and the value; `unavailable` for a device.
  public func request(
    of cell: Int, base: RunRequest, _ settings: [Setting] = Setting.all
  ) throws -> RunRequest {
    var request = base, values = common
    do {
      for (axis, place) in zip(axes, places(of: cell)) {
        for (key, value) in axis.entries(at: place) { try Self.add(value, key, to: &values) }
      }
      try values.assign(to: &request, among: settings)
      request.settings = try request.settings.resolved()
    } catch let error as DiffusionError {
      let kind = error.kind == .usage ? .badData : error.kind
      throw DiffusionError(kind, "cell \(cell) (\(title(of: cell))): \(error.setting?.keyMessage ?? error.message)")
    }
    if !states(.model) { request.model = ModelReference(meantBy: request.settings) }
    return request
  }

  /// The first setting of a receipt that is not the one of a cell; nil if there is none.
  ///
  /// - Parameters:
  ///   - cell: The cell's request.
  ///   - receipt: The settings of the receipt. What the cell leaves to the model may be anything.
  func difference(of cell: RunRequest, from receipt: ReceiptSettings) -> String? {
    let found = RunRequest(settings: receipt.runSettings)
    let meant = RunRequest(settings: ReceiptSettings(cell.settings).runSettings)
    for setting in Setting.ofRunSettings where setting.decidesResult {
      let (expected, here) = (setting.value(of: meant), setting.value(of: found))
      guard expected != here, expected != .null, setting != .steps || states(.steps) else { continue }
      return "\(setting.label) is \(setting.text(of: found)), expected \(setting.text(of: meant))"
    }
    return nil
  }
}
