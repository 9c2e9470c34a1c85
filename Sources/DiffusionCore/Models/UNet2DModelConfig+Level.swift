extension UNet2DModelConfig {
  /// The size of the feature maps of level `index` (0 is the full size), nil where `sample_size` is null. It belongs to the model and not
  /// to a sample, so that a model computes samples of every size the same way.
  package func level(_ index: Int) -> LevelSize? {
    sampleSize.map { LevelSize(index, height: $0.height, width: $0.width) }
  }
}
