import DiffusionCore

/// The files being written in the background. A file that the user is waiting for is a layer instead.
struct Exports: Sendable, Equatable {
  /// The number of the last requested file.
  var lastNumber = 0
  /// The file that keeps the focused run's receipt; nil if none was requested.
  var receipt: KeptReceipt?
}

/// A file that holds the receipt of the focused run, and is rewritten for each finished run in focus.
package struct KeptReceipt: Sendable, Equatable {
  /// A receipt that is being written.
  struct Task: Sendable, Equatable {
    /// The number of the file being written.
    let number: Int
    /// The number of its run.
    let run: Int
  }

  /// The path as given.
  package let path: String
  /// The number of the run in the file; nil before the first receipt is written.
  package internal(set) var run: Int?
  var task: Task?
  /// The run whose receipt could not be written; it is retried only when the program quits.
  var failedRun: Int?

  /// Creates a file without a receipt yet.
  package init(path: String) { self.path = path }
}

/// The receipt that `--receipt` requests: written once the focused run has completed its last step, and again when
/// another finished run is focused. The runs of a lesson get none.
extension State {
  /// Keeps the focused run's receipt in a file.
  package mutating func keepReceipt(at path: String) { exports.receipt = KeptReceipt(path: path) }

  /// The file to write for the focused run's receipt; nil if it is up to date, or the run is not finished.
  package var owedReceipt: ExplorerExport? {
    guard let receipt = exports.receipt, let run, run.history.count == run.stepCount, !run.awaitsImages,
      run.number != receipt.run
    else {
      return nil
    }
    return ExplorerExport(
      kind: .receipt, path: receipt.path, collision: .replace, content: .run(RecordedRun(run)))
  }

  /// Why a kind of file cannot be written now; nil if it can.
  package func reasonAgainst(_ kind: ExportKind) -> String? {
    if [.runs, .svg, .ansi].contains(kind) { return nil }
    if kind == .handout { return hasHandout ? nil : "there is no picture to hand out yet" }
    if isInGallery { return reasonAgainstImage(kind) }
    guard let run else { return "there is no run to keep yet" }
    let finish = pressing(.playback(.last))
    switch kind {
    case .receipt:
      guard !run.awaitsImages else {
        return "the image is not decoded yet: \(pressing(.inspect(.decode))) if nothing does"
      }
      guard run.history.count < run.stepCount else { return nil }
      return "a receipt is of a finished run, and this one has \(run.history.count) of \(run.stepCount) steps: "
        + "\(finish) to finish it first"
    case .sheet, .animation, .csv:
      return run.history.isEmpty ? "the run has taken no step yet: take one, or \(finish) to finish it" : nil
    case .png, .npy:
      guard picturedTensor(of: focus) != nil else { return "there is no \(view.label) yet: take a step first" }
      guard kind == .png, !showsDifference(in: focus), run.decodeRequest(view, at: position) != nil,
        run.decodedImage(view, at: position) == nil
      else { return nil }
      return "step \(position) is not decoded yet: \(pressing(.inspect(.decode))) for its image"
    case .svg, .ansi, .handout, .runs: return nil
    }
  }

  /// Why a kind of file about the gallery's selected image cannot be written now; nil if it can.
  private func reasonAgainstImage(_ kind: ExportKind) -> String? {
    guard let entry = gallery?.entry else { return "there is no image to keep yet" }
    if let failure = galleryImages.store.failure(of: entry) {
      return "\(entry.shortTitle) has no image: \(failure)"
    }
    switch kind {
    case .png, .npy:
      return galleryImages.store.image(of: entry) == nil ? "\(entry.shortTitle) has no image yet: wait for it" : nil
    // The steps of the run are computed again for these.
    case .receipt, .sheet, .animation, .csv: return nil
    case .svg, .ansi, .handout, .runs: return nil
    }
  }

  /// Why no receipt was ever written; nil if one was, or is due.
  package var reasonAgainstReceipt: String? {
    guard let receipt = exports.receipt, receipt.run == nil, owedReceipt == nil else { return nil }
    guard let run else { return "\(receipt.path) is not written: there is no run to keep" }
    guard !run.awaitsImages else { return "\(receipt.path) is not written: the last latents are not decoded" }
    return
      "\(receipt.path) is not written: a receipt is of a finished run, and the one in focus has \(completedSteps) of "
      + "\(stepCount) steps"
  }

  /// Requests the receipt that is due. Only one is written at a time.
  mutating func followReceipt() -> [Effect] {
    guard lesson == nil, exports.receipt?.task == nil, let run, run.number != exports.receipt?.failedRun,
      let export = owedReceipt
    else {
      return []
    }
    exports.lastNumber += 1
    exports.receipt?.task = KeptReceipt.Task(number: exports.lastNumber, run: run.number)
    return [.export(number: exports.lastNumber, export)]
  }

  /// Handles the result of writing a receipt.
  ///
  /// - Returns: Whether the number belongs to a receipt.
  mutating func receiptEnded(_ number: Int, _ result: ExportResult) -> Bool {
    guard let task = exports.receipt?.task, task.number == number else { return false }
    exports.receipt?.task = nil
    switch result {
    case .written(let path):
      exports.receipt?.run = task.run
      news = "wrote \(path)"
    case .exists(let reason), .failed(let reason):
      exports.receipt?.failedRun = task.run
      notice = reason
    }
    return true
  }
}
