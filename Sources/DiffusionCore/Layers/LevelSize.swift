/// The size, in pixels, of the feature maps of one level of a UNet.
package struct LevelSize: Sendable {
  package var height: Int
  package var width: Int

  /// Level `index` of a UNet for images of a size; 0 is the full size, and each level halves it.
  package init(_ index: Int, height: Int, width: Int) {
    self.height = height >> index
    self.width = width >> index
  }
}
