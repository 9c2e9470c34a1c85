/// The cells of a plan in rows and columns: one axis across, the others down.
public struct SweepGrid: Sendable, Equatable {
  /// The plan.
  public let plan: SweepPlan
  /// The axis across, by its index; nil for a plan of one cell.
  public let across: Int?

  /// Arranges a plan.
  ///
  /// - Parameters:
  ///   - plan: The plan.
  ///   - across: The index of the axis across; if nil, the last one.
  public init(_ plan: SweepPlan, across: Int? = nil) {
    self.plan = plan
    let found = across.flatMap { plan.axes.indices.contains($0) ? $0 : nil }
    self.across = found ?? (plan.axes.isEmpty ? nil : plan.axes.count - 1)
  }

  /// Arranges a plan with the axis of a setting across.
  ///
  /// - Parameters:
  ///   - plan: The plan.
  ///   - name: A key of the axis, with hyphens or underscores.
  /// - Throws: ``DiffusionError`` (`usage`) if no axis has that key.
  public init(_ plan: SweepPlan, across name: String) throws {
    let key = name.replacing("-", with: "_")
    guard let axis = plan.axes.firstIndex(where: { $0.keys.contains(key) }) else {
      let known = plan.axes.flatMap(\.keys).map(SweepAxis.written)
      throw DiffusionError(
        .usage,
        "\(name) is no axis of the plan: expected \(known.isEmpty ? "none" : "one of " + known.joined(separator: ", "))"
      )
    }
    self.init(plan, across: axis)
  }

  /// The number of columns, at least 1.
  public var columns: Int { across.map { plan.axes[$0].count } ?? 1 }
  /// The number of rows, at least 1.
  public var rows: Int { plan.count / columns }

  /// The axes down, the slowest first.
  private var down: [Int] { plan.axes.indices.filter { $0 != across } }

  /// The cell at a place.
  public func cell(row: Int, column: Int) -> Int {
    var places = rowPlaces(row)
    if let across { places[across] = column }
    return plan.cell(at: places)
  }

  /// The row and the column of a cell.
  public func place(of cell: Int) -> (row: Int, column: Int) {
    let places = plan.places(of: cell)
    let row = down.reduce(0) { $0 * plan.axes[$1].count + places[$1] }
    return (row, across.map { places[$0] } ?? 0)
  }

  /// What stands across, and what down: `scheduler`; `seed x eta`; empty for nothing.
  public var acrossName: String { across.map { plan.axes[$0].name } ?? "" }
  /// What stands down.
  public var downName: String { down.map { plan.axes[$0].name }.joined(separator: " x ") }

  /// The label of a column: the value.
  public func columnLabel(_ column: Int) -> String { across.map { plan.axes[$0].label(at: column) } ?? "" }

  /// The label of a row: the values.
  public func rowLabel(_ row: Int) -> String {
    let places = rowPlaces(row)
    return down.map { plan.axes[$0].label(at: places[$0]) }.joined(separator: ", ")
  }

  /// The place of a row along each axis, the one across at 0.
  private func rowPlaces(_ row: Int) -> [Int] {
    var places = [Int](repeating: 0, count: plan.axes.count), rest = row
    for axis in down.reversed() {
      places[axis] = rest % plan.axes[axis].count
      rest /= plan.axes[axis].count
    }
    return places
  }
}
