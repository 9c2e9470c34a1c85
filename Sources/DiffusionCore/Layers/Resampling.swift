import TensorKernels

extension Resampling {
  /// Resamples feature maps.
  ///
  /// - Parameter name: The layer's name in reports.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for the result.
  package func callAsFunction(_ input: FeatureMap, as name: String, in context: ComputeContext) throws -> FeatureMap {
    let (height, width) = outputSize(height: input.height, width: input.width)
    let output = try context.output(
      of: name, batch: input.batch, height: height, width: width, channels: input.channels)
    let operation = ResamplingOperation(self, input: input, output: output)
    try context.run(LayerWork(name, operation), of: name, output: output) { try $0.resample(operation) }
    return output
  }

  /// Adds it to a description.
  ///
  /// - Parameter name: The layer's name in reports.
  /// - Returns: The shape of its output.
  package func describe(
    _ input: FeatureShape, as name: String, in description: inout ModelDescription
  ) -> FeatureShape {
    let (height, width) = outputSize(height: input.height, width: input.width)
    let output = FeatureShape(channels: input.channels, height: height, width: width)
    description.add(
      name, kind: doubles ? "Upsample2D" : "Downsample2D", output, parameters: 0,
      flops: .product(2, taps, taps, output.count))
    return output
  }
}
