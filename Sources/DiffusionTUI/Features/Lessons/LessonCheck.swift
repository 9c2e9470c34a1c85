/// A claim of a lesson about what the engine has made, checked on the state itself. Panes are counted from 1.
///
/// What is compared is what the panes show: the tensor of the view at each pane's own position.
package enum LessonCheck: Sendable, Equatable {
  /// `same-bits = [1, 2]`: all show the same tensor, to the last bit.
  case sameBits([Int])
  /// `different = [1, 2]`: no two show the same.
  case different([Int])
  /// `same-noise = [1, 2]`: all start from the same noise, to the last bit.
  case sameNoise([Int])
  /// `different-noise = [1, 2]`: no two start from the same.
  case differentNoise([Int])
  /// `same-so-far = [1, 2]`: x_t is the same after each of so many steps, noise included, as all have taken.
  case sameSoFar([Int])
  /// `first-difference = { panes = [1, 2], step = 3 }`: x_t differs for the first time after this step, 0 for the
  /// noise.
  case firstDifference(Int, Int, step: Int)
  /// `difference-below = { panes = [1, 2], value = 0.1 }`: the largest difference of two values is less.
  case differenceBelow(Int, Int, Double)
  /// `difference-above = { panes = [1, 2], value = 0.1 }`: the largest difference of two values is more.
  case differenceAbove(Int, Int, Double)
  /// `std-below = { pane = 1, value = 0.5 }`: the standard deviation of what is shown is less.
  case stdBelow(Int, Double)
  /// `std-above = { pane = 1, value = 0.5 }`: it is more.
  case stdAbove(Int, Double)
  /// `sha256 = { pane = 1, begins = "0a1b2c3d" }`: the hash of what is shown begins so, on every machine.
  case sha256(Int, begins: String)
  /// `position = 2` or `position = [4, 8]`: how many steps every pane has behind it, or each.
  case position([Int])
  /// `timestep = { pane = 1, value = 625 }`: at which training timestep the last step was taken.
  case timestep(Int, Float)
  /// `panes = 2`: so many runs stand side by side.
  case panes(Int)
  /// `view = "predicted"`: which tensor is shown, by its short name.
  case view(TensorView)
  /// `link = "timestep"`: how the cursors are linked.
  case link(CursorLink)
}
