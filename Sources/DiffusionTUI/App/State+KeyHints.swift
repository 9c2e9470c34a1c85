/// What the screen says of keys, which people can rebind.
extension State {
  /// Says how to ask for an action, as in `press r`: by the first key that asks for it as things stand, or by its name where it
  /// has none. While a pixel is pointed at, the arrows are the pixel's.
  package func pressing(_ action: Action) -> String {
    guard let binding = keyMap.bindings.first(where: { $0.action == action }) else { return "" }
    let key = binding.keys.first { pixelAction(for: $0) == nil }
    return key.map { "press \($0.label)" } ?? "type :\(binding.name)"
  }
}
