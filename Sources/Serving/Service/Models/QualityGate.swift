import Packs
import WireProtocol

/// The measured quality below which a version is not promoted unless forced.
package struct QualityGate: Sendable {
  /// The most that quantization may multiply perplexity by.
  package var maxPerplexityRatio: Double
  /// The least fraction of inputs for which the first guess is that of the float32 model.
  package var minAgreement: Double

  package init(maxPerplexityRatio: Double, minAgreement: Double) {
    self.maxPerplexityRatio = maxPerplexityRatio
    self.minAgreement = minAgreement
  }

  /// Throws if the record misses the gate. A pack without a record passes, because nothing was measured.
  func check(_ quality: QualityRecord?) throws(WireError) {
    for entry in quality?.entries ?? [] {
      if let ratio = entry.perplexityRatio, ratio > maxPerplexityRatio {
        throw refusal("multiplies perplexity by \(ratio) on \(entry.data)", "at most \(maxPerplexityRatio)")
      }
      if entry.kind == .image, let agreement = entry.agreement, agreement < minAgreement {
        throw refusal("agrees with float32 on \(agreement) of \(entry.data)", "at least \(minAgreement)")
      }
    }
  }

  private func refusal(_ found: String, _ allowed: String) -> WireError {
    WireError(
      .qualityGate,
      "the version \(found), but the gate asks for \(allowed); promote with force to do it anyway")
  }
}
