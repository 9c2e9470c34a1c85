import Glibc

/// Ctrl-C and its kin as something to ask for, so that work stops between two blocks of the model, with nothing half
/// done.
///
/// The signals are blocked, not handled: a blocked signal stays pending, where ``check()`` sees it, and no handler has
/// to reach for global state. Signals that the process was told to ignore (`nohup`, a shell's background job) stay
/// ignored.
public struct Interruption: Sendable {
  private let signals: [Int32]

  /// Blocks SIGINT, SIGTERM and SIGHUP in this thread and in those it starts from now on.
  public init() {
    signals = [SIGINT, SIGTERM, SIGHUP].filter { !Self.isIgnored($0) }
    var set = Self.set(of: signals)
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Whether one of the signals came.
  public var isRequested: Bool {
    var pending = sigset_t()
    sigpending(&pending)
    return signals.contains { sigismember(&pending, $0) == 1 }
  }

  /// Stops the caller if one of the signals came.
  ///
  /// - Throws: `CancellationError`.
  @Sendable
  public func check() throws {
    if isRequested { throw CancellationError() }
  }

  /// Lets pending signals through, which ends the process as if they had come now.
  static func deliver() {
    var set = Self.set(of: [SIGINT, SIGTERM, SIGHUP])
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
