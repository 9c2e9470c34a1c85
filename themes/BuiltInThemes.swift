// Written by generate.py from the .toml files beside it; a test checks that they agree.

/// The themes that come with the program, as TOML text by name.
public enum BuiltInThemes {
  /// TOML by name.
  public static let all: [String: String] = [
    "dark": #"""
    # Calm and dark: one blue accent.
    name = "dark"

    [roles]
    background = "#11151a"
    text = "#d8dee4"
    dim = "#8591a0"
    accent = { color = "#7cc4ff", bold = true }
    good = "#86d39a"
    warning = "#e8c268"
    alarm = { color = "#ff8a80", bold = true }
    rule = "#38424e"
    graph = "#5b9bd0"
    graph_dim = "#3f5468"
    bar = "#1f2731"
    bar_text = "#d8dee4"

    """#,
    "high-contrast": #"""
    # White on black; every text at least 7 to 1.
    name = "high-contrast"

    [roles]
    background = "#000000"
    text = "#ffffff"
    dim = "#d0d0d0"
    accent = { color = "#ffff5f", bold = true }
    good = "#5fff87"
    warning = "#ffd75f"
    alarm = { color = "#ffafaf", bold = true, underline = true }
    rule = "#a0a0a0"
    graph = "#5fd7ff"
    graph_dim = "#8787af"
    bar = "#ffffff"
    bar_text = { color = "#000000", bold = true }

    """#,
    "light": #"""
    # Ink on paper.
    name = "light"

    [roles]
    background = "#fbfaf7"
    text = "#22272e"
    dim = "#636c76"
    accent = { color = "#0a58a8", bold = true }
    good = "#1a6b35"
    warning = "#855a00"
    alarm = { color = "#b3201a", bold = true }
    rule = "#cfd3d8"
    graph = "#3f7fbf"
    graph_dim = "#b4c6d8"
    bar = "#e8e9ea"
    bar_text = "#22272e"

    """#,
    "mono": #"""
    # No colours at all: the terminal's own, with weight instead.
    name = "mono"

    [roles]
    background = "default"
    text = "default"
    dim = { color = "default", dim = true }
    accent = { color = "default", bold = true }
    good = "default"
    warning = { color = "default", bold = true }
    alarm = { color = "default", bold = true, reverse = true }
    rule = { color = "default", dim = true }
    graph = "default"
    graph_dim = { color = "default", dim = true }
    bar = "default"
    bar_text = { color = "default", reverse = true }

    """#,
    "solarized": #"""
    # Ethan Schoonover's palette on base03; text roles are lifted where the original falls below 4.5 to 1.
    name = "solarized"

    [roles]
    background = "#002b36"
    text = "#a9b7b8"
    dim = "#8a9b9d"
    accent = { color = "#4ea9e8", bold = true }
    good = "#a3b520"
    warning = "#d6a21e"
    alarm = { color = "#ff8078", bold = true }
    rule = "#1c4a56"
    graph = "#2aa198"
    graph_dim = "#2b5d68"
    bar = "#073642"
    bar_text = "#b8c4c4"

    """#,
  ]
}
