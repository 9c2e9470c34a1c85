/// The extents of what flows between layers, for one image.
package struct FeatureShape: Sendable {
  package var channels: Int
  package var height: Int
  package var width: Int

  package init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Elements of one image.
  package var count: Int { channels * height * width }
}
