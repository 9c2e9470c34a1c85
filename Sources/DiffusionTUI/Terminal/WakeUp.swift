import CNCurses

/// Ends a wait for keys from another thread: a Linux `eventfd` that is waited for together with the terminal.
package final class WakeUp: Sendable {
  /// What to wait for.
  let file: Int32

  /// Makes one; without effect if the system has no file descriptor left, in which case waits end by their timeout.
  package init() {
    file = cnc_wake_make()
  }

  deinit {
    if file >= 0 { cnc_wake_close(file) }
  }

  /// Ends the wait that is on, or the next one at once.
  package func signal() {
    if file >= 0 { cnc_wake(file) }
  }
}
