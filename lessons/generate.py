"""Writes BuiltInLessons.swift from the .toml files beside it. Run by hand after changing a lesson: python3 generate.py"""
import pathlib

folder = pathlib.Path(__file__).parent
lines = [
  "// Written by generate.py from the .toml files beside it; a test checks that they agree.",
  "",
  "/// The lessons that come with the program, as TOML text by name.",
  "public enum BuiltInLessons {",
  "  /// TOML by name.",
  "  public static let all: [String: String] = [",
]
for path in sorted(folder.glob("*.toml")):
  lines += [f'    "{path.stem}": #"""']
  lines += [("    " + line).rstrip() for line in path.read_text().splitlines()]
  lines += ["", '    """#,']
lines += ["  ]", "}", ""]
(folder / "BuiltInLessons.swift").write_text("\n".join(lines))
