extension TmuxSession {
  /// Starts the explorer and waits until its status line stands with a run at its noise, and nothing is about to
  /// change.
  ///
  /// - Parameters:
  ///   - arguments: What follows the program's name.
  ///   - environment: What `env` takes before it: "TERM=vt100".
  public func explore(_ arguments: String = "", environment: String = "") throws {
    try run("clear; env \(environment) \(Self.program) \(arguments)")
    try wait(for: "a run at its noise") { $0.contains("step 0/") && $0.contains("paused") }
  }

  /// Waits until the program has ended or stopped and the terminal is the shell's.
  public func waitForShell() throws {
    try wait(for: "the shell") { _ in !isInForeground }
    try run("echo back''again")
    try waitFor("backagain")
  }

  /// What a program left behind, or nothing if the terminal is as it was. Waits for that: tmux tells the terminal's
  /// modes a new size up to a quarter of a second late.
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
