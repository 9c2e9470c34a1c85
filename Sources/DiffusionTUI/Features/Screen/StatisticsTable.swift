import DiffusionCore

/// The numbers of the shown tensor.
package struct StatisticsTable {
  package let state: State
  package let run: ShownRun
  package let statistics: TensorStatistics?

  private typealias Entry = ValueTable.Entry

  /// The numbers in two columns.
  package var paired: [[ValueTable.Entry]] {
    guard let statistics else { return [[Entry("no numbers yet", "")]] }
    return [
      // At the end the image's sum takes the place of what is the same for every run.
      [shape(statistics), (decoded == nil ? imageSum : nil) ?? Entry("dtype", statistics.dtype.rawValue)],
      [Entry("mean", number(statistics.mean)), Entry("std", number(statistics.std))],
      [Entry("min", number(Double(statistics.min))), Entry("max", number(Double(statistics.max)))],
      [Entry("abs sum", sum(statistics.absoluteSum)), Entry("L2", sum(statistics.l2))],
      [clipped(statistics), notFinite(statistics)],
      [hash(statistics)] + (imageHash.map { [$0] } ?? []),
    ] + pairedImage
  }

  /// The image that the decoder made of the shown latents; nil where there is none.
  private var decoded: TensorStatistics? { run.decodedImage(state.view, at: state.position)?.statistics }

  /// The numbers of the decoded image in two columns; its hash stands beside that of the latents.
  private var pairedImage: [[ValueTable.Entry]] {
    let all = image
    return stride(from: 0, to: all.count, by: 2).map { Array(all[$0..<min($0 + 2, all.count)]) }
  }

  /// The numbers of the decoded image but for its hash; empty without one.
  private var image: [ValueTable.Entry] {
    guard let decoded else { return [] }
    return [
      Entry("image", extents(decoded.shape)), Entry("image sum", sum(decoded.absoluteSum), .good),
      Entry("image mean", number(decoded.mean)), Entry("image std", number(decoded.std)),
    ]
  }

  /// The numbers in one column, most important first.
  package var single: [[ValueTable.Entry]] {
    guard let statistics else { return [[Entry("no numbers yet", "")]] }
    var entries = [
      Entry("mean", number(statistics.mean)), Entry("std", number(statistics.std)),
      Entry("min", number(Double(statistics.min))), Entry("max", number(Double(statistics.max))),
      Entry("abs sum", sum(statistics.absoluteSum)), Entry("L2", sum(statistics.l2)), clipped(statistics),
      notFinite(statistics),
    ]
    if statistics.nanCount + statistics.infinityCount > 0 { entries.insert(entries.removeLast(), at: 0) }
    if decoded == nil, let imageSum { entries.append(imageSum) }
    entries += image + [hash(statistics)] + (imageHash.map { [$0] } ?? [])
    entries += [shape(statistics), Entry("dtype", statistics.dtype.rawValue)]
    return entries.map { [$0] }
  }

  /// `np.abs(image).sum()` of the finished image.
  private var imageSum: ValueTable.Entry? {
    finished?.imageAbsoluteSum.map { Entry("image sum", sum($0), .good) }
  }

  /// The hash of the finished image, which `generate` prints.
  private var imageHash: ValueTable.Entry? {
    (decoded?.sha256 ?? finished?.imageSHA256).map { Entry("image sha256", String($0.prefix(12)), .good, isCut: true) }
  }

  /// The statistics of the step behind the sample that is shown; nil for another view.
  private var finished: StepStatistics? {
    guard state.view == .sample, state.position > 0, state.position <= run.history.count else { return nil }
    return run.history[state.position - 1].statistics
  }

  private func shape(_ statistics: TensorStatistics) -> ValueTable.Entry {
    // What the numbers are of, where there is an image beside it.
    Entry(isOfLatents ? "latents" : "shape", extents(statistics.shape))
  }

  private var isOfLatents: Bool { run.description.latents != nil }

  private func extents(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: state.capabilities.unicode ? "\u{00D7}" : "x")
  }

  private func clipped(_ statistics: TensorStatistics) -> ValueTable.Entry {
    if isOfLatents { return Entry("|x| >= 1", NumberText.fixed(100 * statistics.clipped, 2) + " %") }
    return Entry(
      "clipped", NumberText.fixed(100 * statistics.clipped, 2) + " %", statistics.clipped > 0 ? .warning : .text)
  }

  private func notFinite(_ statistics: TensorStatistics) -> ValueTable.Entry {
    let isFinite = statistics.nanCount + statistics.infinityCount == 0
    return Entry("NaN/Inf", "\(statistics.nanCount) / \(statistics.infinityCount)", isFinite ? .text : .alarm)
  }

  private func hash(_ statistics: TensorStatistics) -> ValueTable.Entry {
    Entry("\(state.view.symbol) sha256", String(statistics.sha256.prefix(12)), isCut: true)
  }

  private func number(_ value: Double) -> String { NumberText.fixed(value, 5) }
  private func sum(_ value: Double) -> String { NumberText.fixed(value, 4) }
}
