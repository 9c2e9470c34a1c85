/// A setting that is being edited in place.
public struct Editor: Sendable, Equatable {
  /// Which setting.
  package let field: SettingField
  /// What has been typed; the current value at first.
  package var text: String
  /// Whether the next character replaces the text: so until the first key.
  package var isFresh = true
  /// Why the value was refused, in one line.
  package var error: String?
}
