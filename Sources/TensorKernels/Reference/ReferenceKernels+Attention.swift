import CTensorKernels

extension ReferenceKernels {
  /// Does nothing: the oracle reads the keys in place.
  package func transposeKeys(_ p: ctk_attention, items: Range<Int>) {}

  /// score = (chain over head_dim) * scale; weights = exp(score - max) / (16 lanes by key modulo 16, then a tree);
  /// output = (chain over keys) / sum. The oracle needs no workspace.
  package func attention(_ p: ctk_attention, items: Range<Int>, scores: UnsafeMutablePointer<Float>) {
    let tile = Int(CTK_TILE_QUERIES), tiles = (Int(p.queries) + tile - 1) / tile
    for item in items {
      let pair = item / tiles, image = pair / Int(p.heads), head = pair % Int(p.heads)
      for query in item % tiles * tile..<min((item % tiles + 1) * tile, Int(p.queries)) {
        attend(p, image: image, head: head, query: query)
      }
    }
  }

  private func attend(_ p: ctk_attention, image: Int, head: Int, query: Int) {
    let dim = Int(p.head_dim), keys = p.causal ? min(query + 1, Int(p.keys)) : Int(p.keys)
    let queries = p.query + (image * Int(p.queries) + query) * Int(p.query_stride) + head * dim
    var weights = (0..<keys).map { key in
      let keys = p.key + (image * Int(p.keys) + key) * Int(p.key_stride) + head * dim
      return (0..<dim).reduce(Float(0)) { sum, d in sum.addingProduct(queries[d], keys[d]) } * p.scale
    }
    let largest = weights.dropFirst().reduce(weights[0]) { $1 > $0 ? $1 : $0 }
    var lanes = [Float](repeating: 0, count: 16)
    for key in weights.indices {
      weights[key] = ScalarMath.exp(weights[key] - largest)
      lanes[key % 16] = lanes[key % 16] + weights[key]
    }
    let total = ScalarMath.sum(lanes: lanes), values = p.value + image * Int(p.keys) * Int(p.value_stride) + head * dim
    let output = p.output + (image * Int(p.queries) + query) * Int(p.heads) * dim + head * dim
    for d in 0..<dim {
      let sum = weights.indices.reduce(Float(0)) { sum, key in
        sum.addingProduct(weights[key], values[key * Int(p.value_stride) + d])
      }
      output[d] = ScalarMath.canonical(sum / total)
    }
  }
}
