import ArgumentParser

/// The options of `explore` for its way of working.
public struct SessionOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      """
      Neither go on where the last session of the model was nor remember this one. Without this, explore goes on \
      there if no run setting is given; with any, it starts as told. Sessions are kept in \
      $XDG_STATE_HOME/diffusion-tui/session.json.
      """
    ))
  var noSession = false

  @Flag(
    help: ArgumentHelp(
      """
      Read commands from standard input, one a line, and answer in sentences: for screen readers and pipes. The \
      command help lists them.
      """
    ))
  var plain = false

  /// Creates options with their defaults.
  public init() {}
}
