import Architectures

extension DecoderModel {
  /// The first feature of a configuration that is not computed here yet; nil where all are.
  ///
  /// Asked before a model is loaded, and before one is imported.
  package static func unsupportedFeature(of c: DecoderConfiguration) -> ArchitectureError? {
    let features: [(field: String, value: String?)] = [
      ("feed_forward", c.feedForward == .gatedSiLU ? nil : c.feedForward.rawValue),
      ("norms", c.branchNorms == .input ? nil : c.branchNorms.rawValue),
      ("query_key_norm", c.queryKeyNorm == .none ? nil : c.queryKeyNorm.rawValue),
      ("rotary layers", c.rotaryLayers.first { $0 != .usual }?.rawValue),
      ("rotary channels", c.rotaryChannels.map { "\($0)" }),
      ("embedding scale", c.embeddingScale == 1 ? nil : "\(c.embeddingScale)"),
      ("residual_multiplier", c.residualScale == 1 ? nil : "\(c.residualScale)"),
      ("logit scale", c.logitScale == 1 ? nil : "\(c.logitScale)"),
      ("final_logit_softcapping", c.logitSoftCap.map { "\($0)" }),
      ("sliding_window", c.windows.compactMap(\.self).first.map { "\($0)" }),
      ("attention scale", c.attentionScale.map { "\($0)" }),
      ("attn_logit_softcapping", c.attentionSoftCap.map { "\($0)" }),
    ]
    return features.lazy.compactMap { field, value in
      value.map { ArchitectureError(field: field, found: $0, expected: "it is not computed here yet") }
    }.first
  }
}
