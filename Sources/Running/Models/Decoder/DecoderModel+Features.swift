import Architectures

extension DecoderModel {
  /// The first feature of a configuration that is not computed here yet; nil where all are.
  ///
  /// Asked before a model is loaded, and before one is imported.
  package static func unsupportedFeature(of c: DecoderConfiguration) -> ArchitectureError? {
    let features: [(field: String, value: String?)] = [
      ("sliding_window", c.windows.compactMap(\.self).first.map { "\($0)" }),
      ("attention scale", c.attentionScale.map { "\($0)" }),
      ("attn_logit_softcapping", c.attentionSoftCap.map { "\($0)" }),
    ]
    return features.lazy.compactMap { field, value in
      value.map { ArchitectureError(field: field, found: $0, expected: "it is not computed here yet") }
    }.first
  }
}
