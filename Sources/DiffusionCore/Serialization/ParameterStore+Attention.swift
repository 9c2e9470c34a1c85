extension ParameterStore {
  /// The parameters with the attention names of today: `query`, `key`, `value` and `proj_attn` become `to_q`, `to_k`, `to_v`
  /// and `to_out.0`. Models saved before Diffusers 0.15, google/ddpm-cifar10-32 among them, have the old ones.
  ///
  /// Reference: diffusers, `ModelMixin._convert_deprecated_attention_blocks` in `models/modeling_utils.py`.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if a parameter is there under both names.
  package func withCurrentAttentionNames() throws -> ParameterStore {
    try renaming(Self.currentAttentionName)
  }

  /// `mid_block.attentions.0.query.weight` becomes `mid_block.attentions.0.to_q.weight`; other names stay.
  private static func currentAttentionName(_ name: String) -> String {
    let current = ["query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"]
    var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 4, parts[parts.count - 4] == "attentions",
      ["weight", "bias"].contains(parts[parts.count - 1]),
      let replacement = current[parts[parts.count - 2]]
    else { return name }
    parts[parts.count - 2] = replacement
    return parts.joined(separator: ".")
  }
}
