extension TmuxSession {
  /// Starts the explorer and waits until its status line shows a run at its noise, and nothing is about to change.
  ///
  /// - Parameters:
  ///   - arguments: The arguments after the program's name.
  ///   - environment: The arguments of `env` before it: "TERM=vt100".
  public func explore(_ arguments: String = "", environment: String = "") throws {
    try run("clear; env \(environment) \(Self.program) \(arguments)")
    try wait(for: "a run at its noise") { $0.contains("step 0/") && $0.contains("paused") }
  }

  /// Waits until the program has ended or stopped and the shell has the terminal.
  public func waitForShell() throws {
    try wait(for: "the shell") { _ in !isInForeground }
    try run("echo back''again")
    try waitFor("backagain")
  }

  /// The traces that a program left, or nothing if the terminal is restored. It waits for that: tmux updates the
  /// terminal's modes up to a quarter of a second late.
  ///
  /// - Parameter modes: ``sttyState`` before the program ran.
  public func leftovers(since modes: String) throws -> [String] {
    var found: [String] = []
    _ = try? wait(for: "the terminal as it was") { _ in
      found = try differences(from: modes)
      return found.isEmpty
    }
    return found
  }

  private func differences(from modes: String) throws -> [String] {
    var found: [String] = []
    if try alternateOn { found.append("the alternate screen is on") }
    if try mouseOn { found.append("the mouse is captured") }
    if try !cursorShown { found.append("the cursor is hidden") }
    if try keypadOn { found.append("the arrow keys are in application mode") }
    let now = try sttyState
    if now != modes { found.append("stty -a was \(modes) and is \(now)") }
    return found
  }
}
