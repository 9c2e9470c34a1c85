import DiffusionCore
import DiffusionTUI

/// The images of a run, in JSON and as the end of the table.
public struct ImagesReport: Encodable, Sendable, Equatable {
  /// One image of the batch. Alone, it has the same hash.
  struct Image: Encodable, Sendable, Equatable {
    /// Its index in the batch, from 0, as in the names of files.
    let index: Int
    /// The sum of |image|, in binary64.
    let absSum: Double
    /// SHA-256 of its float32 elements, little endian.
    let sha256: String

    private enum CodingKeys: String, CodingKey {
      case index, sha256
      case absSum = "abs_sum"
    }
  }

  /// `[batch, height, width, channels]`.
  let shape: [Int]
  /// SHA-256 of the float32 elements, little endian.
  let sha256: String
  /// The numbers of NaN and of infinite values.
  let nanCount, infinityCount: Int
  /// The layer of the decoder that made the first NaN; left out of the JSON if the latents were not finite, or the
  /// images are.
  let nonFinite: NonFiniteReport?
  /// Each image by itself.
  let each: [Image]
  /// The paths of the files.
  let files: [String]
  /// The sum of |image| over the batch, in binary64.
  let absSum: Double

  private enum CodingKeys: String, CodingKey {
    case shape, sha256, each, files
    case nanCount = "nan_count"
    case infinityCount = "infinity_count"
    case nonFinite = "non_finite"
  }

  /// Measures images, `[batch, height, width, channels]` in [0, 1].
  init(_ images: Tensor<Float>, nonFinite: NonFiniteLayer? = nil, files: [String]) {
    let all = TensorStatistics(of: images, histogramBins: 0)
    let extents = Array(images.shape.dropFirst()), count = extents.reduce(1, *)
    (shape, sha256, absSum, self.files) = (images.shape, all.sha256, all.absoluteSum, files)
    (nanCount, infinityCount) = (all.nanCount, all.infinityCount)
    self.nonFinite = nonFinite.map(NonFiniteReport.init)
    each = (0..<(images.shape.first ?? 0)).map { index in
      let scalars = Array(images.scalars[index * count..<(index + 1) * count])
      let image = TensorStatistics(of: Tensor(unchecked: [1] + extents, scalars), histogramBins: 0)
      return Image(index: index, absSum: image.absoluteSum, sha256: image.sha256)
    }
  }

  /// The shape, the sum and the hash of the latents, if there are any, and of all images; for several, also those of
  /// each.
  func text(latents: LatentsReport?) -> PrintedText {
    let result = TextTable(
      facts: (latents?.facts ?? []) + [
        ("images", "\(shape) float32 in [0, 1]"),
        ("np.abs(image).sum()", FixedDecimal.text(absSum, digits: 4)),
      ])
    let name = each.count == 1 ? "image sha256" : "images sha256"
    let hashes = TextTable(facts: (latents.map { [("x_t sha256", $0.sha256)] } ?? []) + [(name, sha256)]).text
    let several: PrintedText = each.count > 1 ? "\n\(eachTable.text)" : ""
    return "\(result.text)\(hashes)\(several)"
  }

  /// At most 80 columns wide, of which a hash has 64.
  private var eachTable: TextTable {
    let digits = "\(each.count - 1)".count
    var table = TextTable([("#", .right), ("sum", .right), ("sha256", .left)])
    for image in each {
      table.append([
        "\(image.index)", FixedDecimal.text(image.absSum, digits: 4, columns: 12 - digits), image.sha256,
      ])
    }
    return table
  }
}
