import CTensorKernels

extension ReferenceKernels {
  /// Does nothing: the oracle reads the keys in place.
  package func transposeKeys(_ p: ctk_attention, items: Range<Int>) {}

  /// score = (chain over head_dim) * scale; weights = exp(score - max) / (16 lanes by key modulo 16, then a tree);
  /// output = (chain over keys) / sum.
  package func attention(_ p: ctk_attention, items: Range<Int>) {
    let tile = Int(CTK_TILE_QUERIES), tiles = (Int(p.length) + tile - 1) / tile
    for item in items {
      let pair = item / tiles, image = pair / Int(p.heads), head = pair % Int(p.heads)
      for query in item % tiles * tile..<min((item % tiles + 1) * tile, Int(p.length)) {
        attend(p, image: image, head: head, query: query)
      }
    }
  }

  private func attend(_ p: ctk_attention, image: Int, head: Int, query: Int) {
    let length = Int(p.length), dim = Int(p.head_dim), stride = Int(p.stride)
    let offset = image * length * stride + head * dim
    var weights = (0..<length).map { key in
      var sum: Float = 0
      for d in 0..<dim {
        sum = sum.addingProduct(p.query[offset + query * stride + d], p.key[offset + key * stride + d])
      }
      return sum * p.scale
    }
    let largest = weights.dropFirst().reduce(weights[0]) { $1 > $0 ? $1 : $0 }
    var lanes = [Float](repeating: 0, count: 16)
    for key in 0..<length {
      weights[key] = ScalarMath.exp(weights[key] - largest)
      lanes[key % 16] = lanes[key % 16] + weights[key]
    }
    for width in [8, 4, 2, 1] {
      for lane in 0..<width { lanes[lane] = lanes[lane] + lanes[lane + width] }
    }
    let output = (image * length + query) * Int(p.heads) * dim + head * dim
    for d in 0..<dim {
      var sum: Float = 0
      for key in 0..<length { sum = sum.addingProduct(weights[key], p.value[offset + key * stride + d]) }
      p.output[output + d] = ScalarMath.canonical(sum / lanes[0])
    }
  }
}
