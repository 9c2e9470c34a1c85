/// In which order the elements of a tensor lie in memory, and so in which order random numbers are dealt to them
/// (`torch.memory_format`).
public enum MemoryFormat: Sendable, Hashable, CaseIterable {
  /// Row-major: the last dimension varies fastest.
  case contiguous
  /// `[batch, channels, height, width]` with the channels fastest.
  case channelsLast
}
