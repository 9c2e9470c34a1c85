/// A model that is kept by others.
struct WeakModel {
  /// The model; nil once nobody keeps it.
  weak var unet: UNet2DModel?
}
