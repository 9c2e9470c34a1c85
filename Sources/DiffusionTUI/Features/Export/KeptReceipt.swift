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
