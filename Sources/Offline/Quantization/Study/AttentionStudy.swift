import Architectures
import Kernels
import Reference

/// Every attention scheme against exact float32 attention, on the real activations of a float32 model.
///
/// All else stays float32, so the figures are the scheme's own: cosine and relative error of attention outputs, and
/// the effect on perplexity or top-1.
package struct AttentionStudy {
  package struct Row: Sendable, Codable {
    package let scheme: String
    /// Over all layers and tokens.
    package let cosine: Double
    package let relativeError: Double
    /// The layer with the largest relative error, and that error.
    package let worstLayer: Int
    package let worstLayerError: Double
    package let perplexityRatio: Double?
    package let kl: Double?
    package let top1: Double?
    package let top1Reference: Double?
    package let agreement: Double?

    private enum CodingKeys: String, CodingKey {
      case scheme, cosine, kl, top1, agreement
      case relativeError = "relative_error"
      case worstLayer = "worst_layer"
      case worstLayerError = "worst_layer_error"
      case perplexityRatio = "perplexity_ratio"
      case top1Reference = "top1_reference"
    }
  }

  /// What is studied: the default, each step back to 8 bits, each code of P, and 4 bits on both sides of Q·K.
  package static let schemes: [(name: String, scheme: AttentionScheme)] = [
    ("Q8 K8 V8, u8 P", AttentionScheme(keyBits: 8, valueBits: 8, probabilities: .u8)),
    ("Q8 K8 V8, log2 P", AttentionScheme(keyBits: 8, valueBits: 8, probabilities: .log2)),
    ("Q8 K4 V8, u8 P", AttentionScheme(keyBits: 4, valueBits: 8, probabilities: .u8)),
    ("Q8 K8 V4, u8 P", AttentionScheme(keyBits: 8, valueBits: 4, probabilities: .u8)),
    ("Q8 K4 V4, u8 P", AttentionScheme(probabilities: .u8)),
    ("Q8 K4 V4, log64 P", AttentionScheme(probabilities: .log64)),
    ("Q8 K4 V4, sqrt2 P", AttentionScheme(probabilities: .sqrt2)),
    ("Q8 K4 V4, log2 P", AttentionScheme(probabilities: .log2)),
    ("Q4 K4 V4, log2 P", AttentionScheme(queryBits: 4, probabilities: .log2)),
  ]

  /// What only a cache has: V with a scale per token, and other numbers of bits.
  package static let cacheSchemes: [(name: String, scheme: AttentionScheme)] = [
    (8, 8), (8, 4), (5, 4), (4, 4), (4, 3), (4, 2), (3, 3),
  ].map { keyBits, valueBits in
    let scheme = AttentionScheme(
      keyBits: keyBits, valueBits: valueBits, valueScale: .token, probabilities: .log64)
    return ("Q8 K\(keyBits) V\(valueBits) per token, log64 P", scheme)
  }

  let reference: ReferenceModel
  let pool: WorkerPool

  package init(reference: ReferenceModel, pool: WorkerPool) {
    self.reference = reference
    self.pool = pool
  }

  /// - Precondition: The data is what the reference reads.
  func run(_ data: ModelData) throws -> [Row] {
    switch data {
    case .images(let images): try run(images)
    case .text(let text): run(text)
    }
  }

  private func run(_ text: TextChunks) -> [Row] {
    let exact = text.chunks.map { reference.logits(.tokens($0)) }
    return (Self.schemes + Self.cacheSchemes).map { name, scheme in
      let recorder = recorder(scheme)
      var metrics = TextMetrics()
      for (tokens, logits) in zip(text.chunks, exact) {
        metrics.add(
          tokens: tokens,
          quantized: reference.logits(.tokens(tokens), hooks: ReferenceHooks(attention: recorder.attend)),
          reference: logits)
      }
      let difference = metrics.meanReferenceNLL.map { exponential(metrics.meanNLL - $0) }
      return recorder.row(
        name, perplexityRatio: difference, kl: metrics.meanDivergence, agreement: metrics.agreement)
    }
  }

  private func run(_ images: NormalizedImages) throws -> [Row] {
    let inputs = try (0..<images.count).map { try images.values($0) }
    let exact = inputs.map { reference.logits(.image($0)).values }
    return Self.schemes.map { name, scheme in
      let recorder = recorder(scheme)
      var metrics = ImageMetrics()
      for (index, image) in inputs.enumerated() {
        let hooks = ReferenceHooks(attention: recorder.attend)
        metrics.add(
          label: images.label(index), quantized: reference.logits(.image(image), hooks: hooks).values,
          reference: exact[index])
      }
      return recorder.row(
        name, top1: metrics.top1, top1Reference: metrics.top1Reference, agreement: metrics.agreement)
    }
  }

  private func recorder(_ scheme: AttentionScheme) -> AttentionRecorder {
    AttentionRecorder(scheme, layers: reference.layers, continuingWith: .quantized, pool: pool)
  }
}

extension AttentionRecorder {
  /// The study's row for what was recorded.
  fileprivate func row(
    _ name: String, perplexityRatio: Double? = nil, kl: Double? = nil, top1: Double? = nil,
    top1Reference: Double? = nil, agreement: Double? = nil
  ) -> AttentionStudy.Row {
    let worst = layers.indices.max { layers[$0].relativeError < layers[$1].relativeError } ?? 0
    return AttentionStudy.Row(
      scheme: name, cosine: total.cosine, relativeError: total.relativeError, worstLayer: worst,
      worstLayerError: layers[worst].relativeError, perplexityRatio: perplexityRatio, kl: kl, top1: top1,
      top1Reference: top1Reference, agreement: agreement)
  }
}
