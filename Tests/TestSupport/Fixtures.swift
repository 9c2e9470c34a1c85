/// Where the committed fixtures are.
public enum Fixtures {
  /// The folder `Tests/Fixtures` of the source tree.
  public static let folder: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(2)
    return parts.joined(separator: "/") + "/Fixtures"
  }()
}
