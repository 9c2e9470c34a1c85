// Written by generate.py from the .toml files beside it; a test checks that they agree.

/// The lessons that come with the program, as TOML text by name.
public enum BuiltInLessons {
  /// TOML by name.
  public static let all: [String: String] = [
    "batch": batch,
    "cuda": cuda,
    "eta": eta,
    "generator": generator,
    "precision": precision,
    "seed": seed,
    "step": step,
    "steps": steps,
  ]
}
