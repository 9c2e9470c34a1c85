import DiffusionCore

/// Where the precision of a run goes: the run beside itself with rounded weights and with sums in another order.
extension State {
  /// Adds the focused run in every less exact way, and shows how far each parts from it over the steps.
  mutating func comparePrecision() -> [Effect] {
    let exact = focus, place = placeOfFocus, request = pane.latestRequest
    if let reason = reasonAgainstPrecision(of: request) {
      notice = reason
      return []
    }
    var effects: [Effect] = []
    for variant in PrecisionVariant.allCases {
      guard let settings = try? variant.settings(from: request.settings) else { continue }
      var other = request
      other.settings = settings
      panes.append(Pane(other))
      effects += start(other, in: panes.count - 1, goal: place)
    }
    (focus, compare.reference, compare.view, inspection.page) = (exact, exact, .difference, .steps)
    return effects
  }

  /// Why a run cannot be compared with less exact ones; nil if it can.
  private func reasonAgainstPrecision(of request: RunRequest) -> String? {
    let settings = request.settings, added = PrecisionVariant.allCases.count
    if settings.weights != .float32 {
      return "this run has \(settings.weights.rawValue) weights: set weights to float32 to see what rounding does"
    }
    if settings.demonstration != nil { return "this run sums in another order already: set the device to cpu first" }
    guard panes.count + added <= Self.maximumPanes else {
      return "that needs \(added) runs more, and there may be \(Self.maximumPanes): "
        + "\(pressing(.compare(.closePane))) to close some first"
    }
    return nil
  }

  /// Shows another measure of differences, and says where.
  mutating func cycleMeasure() {
    compare.measure = compare.measure.next
    guard !isComparing || compare.view != .difference || inspection.page != .steps else { return }
    notice = "\(compare.measure.label): in the plot of differences over the steps of several runs"
  }
}
