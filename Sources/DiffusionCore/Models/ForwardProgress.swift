/// Where a forward pass stands: told before each block runs.
public struct ForwardProgress: Sendable, Equatable {
  /// The block about to run, by its name in the weights: `down_blocks.0.resnets.1`.
  public let block: String
  /// How many blocks are done.
  public let completed: Int
  /// How many there are.
  public let total: Int

  /// Describes where a forward pass stands.
  public init(block: String, completed: Int, total: Int) {
    self.block = block
    self.completed = completed
    self.total = total
  }
}

/// Told before each block of a forward pass; throws (`CancellationError`, say) to stop it there.
public typealias ForwardProgressHandler = (ForwardProgress) throws -> Void
