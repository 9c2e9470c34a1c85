import DiffusionCore

extension KeyMap {
  /// Returns the table with new keys for some actions; the others keep theirs.
  ///
  /// - Parameter keys: The new keys of each named action. An empty list unbinds the action, which stays available in
  ///   the palette.
  /// - Throws: `DiffusionError` (`badData`) that names the entry, such as `keys.step-forward`: for an unknown action,
  ///   for a key bound to two actions, and for Ctrl-C and Ctrl-Z, whose meanings are fixed.
  package func rebound(_ keys: [String: [Key]]) throws -> KeyMap {
    var result = self
    result.yield(keys)
    for (name, keys) in keys.sorted(by: { $0.key < $1.key }) {
      guard binding(named: name) != nil else { throw unknown(name) }
      try Self.checkReserved(keys, of: name)
      result.setKeys(keys.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }, of: name)
    }
    try result.checkUnambiguous(changed: Set(keys.keys))
    return result
  }

  /// Takes keys from actions that version 0.1.0 lacked: its configurations may bind them to others.
  private mutating func yield(_ keys: [String: [Key]]) {
    let given = Set(keys.values.joined())
    for binding in bindings where binding.yieldsKeys && keys[binding.name] == nil {
      setKeys(binding.keys.filter { !given.contains($0) }, of: binding.name)
    }
  }

  private func unknown(_ name: String) -> DiffusionError {
    let names = bindings.map(\.name)
    let near = NearestName.question(name, among: names)
    return DiffusionError(
      .badData, "keys.\(name): there is no such action: \(near)expected one of \(names.joined(separator: ", "))")
  }

  /// Refuses Ctrl-C, which must always quit, whatever is open, and Ctrl-Z, which must suspend.
  private static func checkReserved(_ keys: [Key], of name: String) throws {
    for (key, owner) in [(Key.control("c"), "quit"), (.control("z"), "suspend")]
    where keys.contains(key) && name != owner {
      throw DiffusionError(
        .badData, "keys.\(name) is \"\(key.name)\", which always means \(owner): give \(name) another key")
    }
  }

  private func checkUnambiguous(changed: Set<String>) throws {
    var owners: [Key: String] = [.control("c"): "quit", .control("z"): "suspend"]
    for binding in bindings {
      for key in binding.keys {
        guard let owner = owners[key], owner != binding.name else {
          owners[key] = binding.name
          continue
        }
        let (named, other) = changed.contains(binding.name) ? (binding.name, owner) : (owner, binding.name)
        throw DiffusionError(
          .badData, "keys.\(named) is \"\(key.name)\", which \(other) has too: give one of the two another key")
      }
    }
  }
}
