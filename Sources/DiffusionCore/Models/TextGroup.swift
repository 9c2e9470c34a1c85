/// Images of a batch whose texts have as many tokens that count, so that they can go through a network together.
///
/// A token that a mask takes out is as if it were not there: no image depends on the others, so batches are cut as the
/// masks ask for it.
struct TextGroup: Equatable {
  /// The images, by their place in the batch.
  let images: [Int]
  /// For each of them the tokens that count, by their place in the text.
  let tokens: [[Int]]

  /// The groups of a batch.
  ///
  /// - Parameter mask: `[batch, tokens]`; 0 takes a token out.
  static func groups(of mask: Tensor<Float>) -> [TextGroup] {
    let length = mask.shape[1]
    let kept = (0..<mask.shape[0]).map { image in (0..<length).filter { mask.scalars[image * length + $0] != 0 } }
    return Dictionary(grouping: kept.indices) { kept[$0].count }.values.sorted { $0[0] < $1[0] }.map { images in
      TextGroup(images: images, tokens: images.map { kept[$0] })
    }
  }
}

extension ModelInput {
  /// Calls a network for each group of images that have as many tokens that count.
  ///
  /// - Parameter predict: Gets the input of a group, whose text has those tokens alone, the group, its index and the
  ///   number of groups, and returns a prediction `[group's images, ...]`.
  /// - Returns: The predictions of all images, in their order.
  func eachTextGroup(
    _ mask: Tensor<Float>, _ predict: (ModelInput, TextGroup, _ index: Int, _ count: Int) throws -> Tensor<Float>
  ) rethrows -> Tensor<Float> {
    let groups = TextGroup.groups(of: mask), batch = sample.shape[0]
    var images: [ArraySlice<Float>] = Array(repeating: [], count: batch), shape = [batch]
    for (index, group) in groups.enumerated() {
      let output = try predict(taking(group), group, index, groups.count), each = output.count / group.images.count
      for (place, image) in group.images.enumerated() {
        images[image] = output.scalars[place * each..<(place + 1) * each]
      }
      shape = [batch] + output.shape.dropFirst()
    }
    return Tensor(unchecked: shape, images.flatMap { $0 })
  }

  /// The input of a group of images, without the tokens of their texts that do not count, and without a mask.
  private func taking(_ group: TextGroup) -> ModelInput {
    var part = images(group.images)
    part.conditioning.encoderAttentionMask = nil
    guard let text = part.conditioning.encoderHiddenStates else { return part }
    let (length, channels) = (text.shape[1], text.shape[2])
    let kept = group.tokens.enumerated().flatMap { image, tokens in
      tokens.flatMap { token in
        let first = (image * length + token) * channels
        return text.scalars[first..<first + channels]
      }
    }
    part.conditioning.encoderHiddenStates = Tensor(
      unchecked: [group.images.count, group.tokens[0].count, channels], kept)
    return part
  }

  /// Checks the mask of a text.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if it does not fit the text, or takes out all of an image's text.
  func validateTextMask() throws {
    guard let mask = conditioning.encoderAttentionMask else { return }
    let expected = conditioning.encoderHiddenStates.map { Array($0.shape.prefix(2)) }
    guard let expected, mask.shape == expected else {
      throw DiffusionError(
        .usage,
        "an encoder attention mask of shape \(mask.shape): expected \(expected.map { "\($0)" } ?? "none"), a number "
          + "for each token of the text")
    }
    guard TextGroup.groups(of: mask).allSatisfy({ !$0.tokens[0].isEmpty }) else {
      throw DiffusionError(
        .usage, "an encoder attention mask takes out all tokens of a text: expected one that leaves at least one")
    }
  }
}
