import DiffusionCore

/// What is written to files, but for the file that somebody waits for: that is a layer.
struct Exports: Sendable, Equatable {
  /// The number of the file that was asked for last.
  var lastNumber = 0
  /// The file that the focused run's receipt is kept in; nil while none is asked for.
  var receipt: KeptReceipt?
}

/// The file that holds the receipt of the focused run, and follows it from one finished run to the next.
package struct KeptReceipt: Sendable, Equatable {
  /// A receipt that is being written.
  struct Task: Sendable, Equatable {
    /// Its number as a file that is being written.
    let number: Int
    /// The number of the run that it is of.
    let run: Int
  }

  /// Where it is, as it was named.
  package let path: String
  /// The number of the run that it is of; nil before the first one is written.
  package internal(set) var run: Int?
  var task: Task?
  /// The run whose receipt could not be written; it is not tried again before the end.
  var failedRun: Int?

  /// A file that nothing is written to yet.
  package init(path: String) { self.path = path }
}

/// The receipt that `--receipt` asks for: written once the focused run has taken its last step, and again when another
/// finished run is in focus. Those of a lesson are left out.
extension State {
  /// Keeps the focused run's receipt in a file.
  package mutating func keepReceipt(at path: String) { exports.receipt = KeptReceipt(path: path) }

  /// What has to be written so that the file holds the focused run's receipt; nil where it does, and where the run is
  /// not finished.
  package var owedReceipt: ExplorerExport? {
    guard let receipt = exports.receipt, let run, run.history.count == run.stepCount, run.number != receipt.run else {
      return nil
    }
    return ExplorerExport(
      kind: .receipt, path: receipt.path, collision: .replace, content: .run(RecordedRun(run)))
  }

  /// Why something cannot be written now; nil if it can.
  package func reasonAgainst(_ kind: ExportKind) -> String? {
    guard let run else { return "there is no run to keep yet" }
    let finish = pressing(.playback(.last))
    switch kind {
    case .receipt:
      guard run.history.count < run.stepCount else { return nil }
      return "a receipt is of a finished run, and this one has \(run.history.count) of \(run.stepCount) steps: "
        + "\(finish) to finish it first"
    case .sheet, .animation, .csv:
      return run.history.isEmpty ? "the run has taken no step yet: take one, or \(finish) to finish it" : nil
    case .png, .npy: return picturedTensor(of: focus) == nil ? "there is no \(view.label) yet: take a step first" : nil
    case .svg, .ansi: return nil
    }
  }

  /// Why no receipt was ever written; nil where one was, or is owed.
  package var reasonAgainstReceipt: String? {
    guard let receipt = exports.receipt, receipt.run == nil, owedReceipt == nil else { return nil }
    guard run != nil else { return "\(receipt.path) is not written: there is no run to keep" }
    return
      "\(receipt.path) is not written: a receipt is of a finished run, and the one in focus has \(completedSteps) of "
      + "\(stepCount) steps"
  }

  /// Asks for the receipt that is owed. One at a time: the next is asked for when the one before is written.
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

  /// What came of a receipt.
  ///
  /// - Returns: Whether the number is that of one.
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
