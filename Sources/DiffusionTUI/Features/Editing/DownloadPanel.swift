import DiffusionCore

/// A model that is being downloaded, for a run that starts when it is there.
package struct Download: Sendable, Equatable {
  /// The number of the run.
  let run: Int
  /// The model.
  let model: ModelReference
  /// How far it is; of a download always.
  var progress: OpeningProgress

  /// The share that is here, 0 to 1.
  var share: Double { Double(progress.bytes) / Double(max(1, progress.totalBytes)) }

  /// `64.1 of 143.1 MB`, in units of 1,000,000 bytes.
  var amount: String {
    let (done, all) = (Double(progress.bytes) / 1e6, Double(progress.totalBytes) / 1e6)
    return "\(NumberText.fixed(done, 1)) of \(NumberText.fixed(all, 1)) MB"
  }

  /// `12.3 MB/s, 2 min 5 s left`; empty before that is known.
  var pace: String {
    guard case .downloading(let rate?, let left?) = progress.stage, left.isFinite else { return "" }
    let seconds = Int(min(left, 359_999).rounded(.up))
    let time =
      seconds < 60
      ? "\(seconds) s"
      : seconds < 3600 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    return "\(NumberText.fixed(min(rate, 1e15) / 1e6, 1)) MB/s, \(time) left"
  }
}

extension State {
  /// Shows how far the download of a model is, or closes the panel when it is over.
  mutating func showDownload(_ progress: OpeningProgress, of number: Int) {
    guard let pending = panes.lazy.compactMap(\.pending).first(where: { $0.number == number }) else { return }
    guard case .downloading = progress.stage else { return closeEndedDownload(beyond: number) }
    let layer = Layer.download(Download(run: number, model: pending.request.model, progress: progress))
    if isOpen(.download) { update(layer) } else { open(layer) }
  }

  /// Closes the panel if its run does not wait for a download any more.
  mutating func closeEndedDownload(beyond number: Int? = nil) {
    guard let download, download.run == number || !panes.contains(where: { $0.pending?.number == download.run })
    else { return }
    close(.download)
  }

  /// Handles Esc during a download: the runs that wait for the model are not started, and those before them stay.
  mutating func cancelDownload() -> [Effect] {
    guard let download else { return [] }
    close(.download)
    return giveUp(download.model, "\(download.model.name) is not downloaded: it was stopped")
  }

  /// Handles Esc while a model is opened: as for a download. Nil if none is being opened.
  mutating func cancelOpening() -> [Effect]? {
    let pending = ([focus] + panes.indices).compactMap { panes[$0].pending }.first { $0.opening != nil }
    guard let model = pending?.request.model else { return nil }
    return giveUp(model, "\(model.name) is not opened: it was stopped")
  }

  /// Gives up the runs that wait for a model.
  private mutating func giveUp(_ model: ModelReference, _ message: String) -> [Effect] {
    let waiting = panes.indices.filter { panes[$0].pending?.request.model == model }
    let numbers = waiting.compactMap { panes[$0].pending?.number }
    for index in waiting { panes[index].fail(message, starting: true) }
    playback.isPlaying = false
    // There is nothing to take back: the settings are those of before.
    settingHistory.drop(settingEntry)
    notice = message
    return [.discard(runs: numbers)] + advance()
  }
}

/// The panel over the upper part of the screen while a model is downloaded: a bar, what is here, the rate and the time
/// left. Uses as many rows as are available, down to one.
struct DownloadPanel {
  let download: Download

  private static let mostColumns = 78

  /// Draws the panel over the screen.
  func draw(into frame: inout Frame, look: Look) {
    let size = frame.size
    guard size.columns > 0, size.rows > 0 else { return }
    let columns = min(size.columns, Self.mostColumns), isRoomy = size.rows >= 10
    let part = Rect(
      column: (size.columns - columns) / 2, row: isRoomy ? 1 : 0, columns: columns, rows: min(size.rows, 3))
    for row in 0..<part.rows {
      frame.fill(part.rows(from: row, count: 1), Cell(" ", look[row == 0 ? .barText : .text]))
    }
    let (start, end) = (part.column + 1, part.endColumn - 1)
    let percent = "\(Int(100 * min(1, download.share)))%"
    let title = "downloading \(download.model.name)".prefix(columns: max(0, columns - percent.columns - 4))
    frame.write(title, look.style(.barText, adding: .bold), column: start, row: part.row, end: end)
    frame.write(percent, look[.barText], endingAt: end, row: part.row, start: start)
    guard part.rows > 1 else { return }
    HorizontalBar(share: download.share, role: .accent).draw(
      into: &frame, in: Rect(column: start, row: part.row + 1, columns: max(0, end - start), rows: 1), look: look,
      track: true)
    guard part.rows > 2 else { return }
    let column = frame.write(download.amount, look[.text], column: start, row: part.row + 2, end: end)
    let texts = [download.pace + "   Esc stops it", download.pace, "Esc stops it"]
    guard let text = texts.first(where: { column + 2 + $0.columns <= end }) else { return }
    frame.write(text, look[.dim], endingAt: end, row: part.row + 2, start: column)
    guard part.endRow < size.rows - 2 else { return }
    let rule = Rect(column: part.column, row: part.endRow, columns: columns, rows: 1)
    frame.fill(rule, Cell(look.glyph("\u{2500}", "-"), look[.rule]))
  }
}
