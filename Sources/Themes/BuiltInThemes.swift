/// The themes that come with the program. The build embeds every file of the folder `themes`.
public enum BuiltInThemes {
  /// TOML by file name without its extension. A test fails if a file of the folder is missing here.
  public static let all: [String: String] = [
    "dark": PackageResources.dark_toml,
    "high-contrast": PackageResources.high_contrast_toml,
    "light": PackageResources.light_toml,
    "mono": PackageResources.mono_toml,
    "nord": PackageResources.nord_toml,
    "solarized": PackageResources.solarized_toml,
  ].mapValues { String(decoding: $0, as: UTF8.self) }
}
