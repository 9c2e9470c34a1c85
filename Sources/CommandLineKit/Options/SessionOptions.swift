import ArgumentParser

/// The options of `explore` for its way of working.
public struct SessionOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      """
      Neither resume the last session of the model nor save this one. By default, explore resumes it unless a run \
      setting is given. Sessions are saved in $XDG_STATE_HOME/diffusion-tui/session.json.
      """
    ))
  var noSession = false

  @Flag(
    help: ArgumentHelp(
      """
      Read commands from standard input, one per line, and answer in sentences: for screen readers and pipes. The \
      command help lists them.
      """
    ))
  var plain = false

  /// Creates options with their defaults.
  public init() {}
}
