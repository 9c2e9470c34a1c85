/// The program's version, as `--version` and reports show it.
public enum ProgramVersion {
  /// By semantic versioning, semver.org.
  public static let current = "0.1.0"
}
