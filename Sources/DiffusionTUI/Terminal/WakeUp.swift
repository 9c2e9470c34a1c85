import CNCurses

/// Ends a wait for keys from another thread, with a Linux `eventfd` that is polled together with the terminal.
package final class WakeUp: Sendable {
  /// The file descriptor to poll.
  let file: Int32

  /// Creates a wake-up. If the system has no file descriptor left it does nothing, and waits end at their timeout.
  package init() {
    file = cnc_wake_make()
  }

  deinit {
    if file >= 0 { cnc_wake_close(file) }
  }

  /// Ends the current wait, or else the next one, at once.
  package func signal() {
    if file >= 0 { cnc_wake(file) }
  }
}
