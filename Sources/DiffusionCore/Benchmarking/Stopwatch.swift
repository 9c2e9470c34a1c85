/// Takes the time of work.
enum Stopwatch {
  /// What the work returns, and how many seconds it took.
  static func measure<Result>(
    by clock: some Clock<Duration>, _ work: () throws -> Result
  ) rethrows -> (result: Result, seconds: Double) {
    let start = clock.now
    let result = try work()
    return (result, start.duration(to: clock.now) / .seconds(1))
  }
}
