/// The program's version, as `--version` and reports show it.
public enum ProgramVersion {
  /// The semantic version (semver.org).
  public static let current = "0.1.0"
}
