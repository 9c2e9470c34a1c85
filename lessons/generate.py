"""Writes the BuiltInLessons*.swift from the .toml files beside it. Run by hand after changing a lesson: python3 generate.py"""
import pathlib

folder = pathlib.Path(__file__).parent
note = "// Written by generate.py from the .toml files beside it; a test checks that they agree."
properties = {}
for path in sorted(folder.glob("*.toml")):
  words = "".join(word.capitalize() for word in path.stem.split("-"))
  properties[path.stem] = words[0].lower() + words[1:]
  lines = [note, "", "extension BuiltInLessons {", f'  static let {properties[path.stem]} = #"""']
  lines += [("    " + line).rstrip() for line in path.read_text().splitlines()]
  lines += ["", '    """#', "}", ""]
  (folder / f"BuiltInLessons+{words}.swift").write_text("\n".join(lines))
lines = [
  note,
  "",
  "/// The lessons that come with the program, as TOML text by name.",
  "public enum BuiltInLessons {",
  "  /// TOML by name.",
  "  public static let all: [String: String] = [",
  *[f'    "{name}": {text},' for name, text in properties.items()],
  "  ]",
  "}",
  "",
]
(folder / "BuiltInLessons.swift").write_text("\n".join(lines))
