/// A claim of a lesson about the engine's results, checked on the state itself. Panes are counted from 1.
///
/// Claims compare what the panes show: the tensor of the view at each pane's own position.
package enum LessonCheck: Sendable, Equatable {
  /// `same-bits = [1, 2]`: all show the same tensor, bit for bit.
  case sameBits([Int])
  /// `different = [1, 2]`: no two show the same tensor.
  case different([Int])
  /// `same-noise = [1, 2]`: all start from the same noise, bit for bit.
  case sameNoise([Int])
  /// `different-noise = [1, 2]`: no two start from the same noise.
  case differentNoise([Int])
  /// `same-so-far = [1, 2]`: x_t is the same after each step that all have completed, noise included.
  case sameSoFar([Int])
  /// `first-difference = { panes = [1, 2], step = 3 }`: x_t first differs after this step, 0 for the noise.
  case firstDifference(Int, Int, step: Int)
  /// `difference-below = { panes = [1, 2], value = 0.1 }`: the largest difference between two values is less.
  case differenceBelow(Int, Int, Double)
  /// `difference-above = { panes = [1, 2], value = 0.1 }`: the largest difference between two values is more.
  case differenceAbove(Int, Int, Double)
  /// `std-below = { pane = 1, value = 0.5 }`: the standard deviation of the shown tensor is less.
  case stdBelow(Int, Double)
  /// `std-above = { pane = 1, value = 0.5 }`: the standard deviation of the shown tensor is more.
  case stdAbove(Int, Double)
  /// `std-rises = [1, 2, 3]`: the standard deviation of what is shown rises from each to the next.
  case stdRises([Int])
  /// `closer = { pane = 4, to = 1, than = 2 }`: the pane's tensor is nearer to the first than to the second, by
  /// the root of the mean squared difference.
  case closer(Int, to: Int, than: Int)
  /// `white-below = { pane = 3, value = 0.5 }`: the share of the decoded image's pixels that are white is lower.
  case whiteBelow(Int, Double)
  /// `white-above = { pane = 1, value = 0.5 }`: the share of the decoded image's pixels that are white is higher.
  case whiteAbove(Int, Double)
  /// `predictions = { pane = 1, value = 2 }`: the model predicted so often in the last step, twice with guidance.
  case predictions(Int, Int)
  /// `guided = { panes = [1, 2, 3], scale = 2 }`: the third shows, bit for bit, what guidance of this scale makes of
  /// the first as the prediction without the prompt and the second as that with it.
  case guided(without: Int, with: Int, Int, scale: Double)
  /// `sha256 = { pane = 1, begins = "0a1b2c3d" }`: the hash of the shown tensor begins like this, on every machine.
  case sha256(Int, begins: String)
  /// `position = 2` or `position = [4, 8]`: the number of steps behind every pane, or behind each.
  case position([Int])
  /// `timestep = { pane = 1, value = 625 }`: the training timestep of the last step.
  case timestep(Int, Float)
  /// `panes = 2`: the number of runs side by side.
  case panes(Int)
  /// `view = "predicted"`: the tensor shown, by its short name.
  case view(TensorView)
  /// `link = "timestep"`: how the cursors are linked.
  case link(CursorLink)
}
