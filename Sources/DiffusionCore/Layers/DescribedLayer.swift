/// A layer that can say what it is, without computing.
package protocol DescribedLayer {
  /// Adds the layer's parts to a description, for an input of a shape, and returns the shape of the output.
  func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape
}
