import Glibc

/// Ctrl-C and similar signals as a condition to check, so that work stops between two blocks of the model, in a clean
/// state.
///
/// The signals are blocked, not handled: a blocked signal stays pending, where ``check()`` sees it, and no handler
/// needs global state. Signals that the process was started with as ignored (`nohup`, a shell's background job) stay
/// ignored.
public struct Interruption: Sendable {
  /// The signals that ask a command to end.
  static let signals: [Int32] = [SIGINT, SIGTERM, SIGHUP]

  private let blocked: [Int32]

  /// Blocks SIGINT, SIGTERM and SIGHUP in this thread and in those it starts from now on.
  public init() {
    blocked = Self.signals.filter { !Self.isIgnored($0) }
    var set = Self.set(of: blocked)
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Does something that leaves files behind if it is cut off. A signal that arrives meanwhile makes `check` throw, and
  /// has its usual effect afterwards.
  ///
  /// - Parameter work: The work, which calls its argument often.
  public static func during<Result>(_ work: (_ check: @escaping () throws -> Void) throws -> Result) rethrows -> Result
  {
    var former = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &former)
    let interruption = Interruption()
    defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
    return try work(interruption.check)
  }

  /// Whether one of the signals has arrived.
  public var isRequested: Bool { Self.isPending(blocked) }

  /// Whether a signal that ends the process waits until it is unblocked.
  static var isPending: Bool { isPending(signals) }

  private static func isPending(_ signals: [Int32]) -> Bool {
    var pending = sigset_t()
    sigpending(&pending)
    return signals.contains { sigismember(&pending, $0) == 1 }
  }

  /// Throws if one of the signals has arrived.
  ///
  /// - Throws: `CancellationError`.
  @Sendable
  public func check() throws {
    if isRequested { throw CancellationError() }
  }

  /// Unblocks pending signals, which ends the process as if they had just arrived.
  static func deliver() {
    var set = Self.set(of: signals)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  private static func set(of signals: [Int32]) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    return set
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    // SIG_IGN is the address 1, which no function has; function pointers cannot be compared.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}
