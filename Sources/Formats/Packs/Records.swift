/// The quality of a quantized model beside float32, measured on named data. The packed model itself stores it.
package struct QualityRecord: Sendable, Equatable, Codable {
  /// Figures on one data set; those that do not apply are nil.
  package struct Entry: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable { case image, text }

    /// The name by which a person would find the data set.
    package var data: String
    /// The number of images, or of scored tokens.
    package var count: Int
    package var kind: Kind
    /// Correct first guesses as a fraction, quantized and in float32.
    package var top1: Double?
    package var top1Reference: Double?
    /// The fraction of first guesses that quantized and float32 model share (images, or next tokens).
    package var agreement: Double?
    /// Mean negative log-likelihood in nats per token, quantized and in float32.
    package var nll: Double?
    package var nllReference: Double?
    /// exp(nll − nllReference).
    package var perplexityRatio: Double?
    /// Mean Kullback–Leibler divergence from the float32 to the quantized distribution, in nats.
    package var kl: Double?

    package init(
      data: String, count: Int, kind: Kind, top1: Double? = nil, top1Reference: Double? = nil,
      agreement: Double? = nil, nll: Double? = nil, nllReference: Double? = nil,
      perplexityRatio: Double? = nil,
      kl: Double? = nil
    ) {
      self.data = data
      self.count = count
      self.kind = kind
      self.top1 = top1
      self.top1Reference = top1Reference
      self.agreement = agreement
      self.nll = nll
      self.nllReference = nllReference
      self.perplexityRatio = perplexityRatio
      self.kl = kl
    }

    private enum CodingKeys: String, CodingKey {
      case data, count, kind, top1, agreement, nll, kl
      case top1Reference = "top1_reference"
      case nllReference = "nll_reference"
      case perplexityRatio = "perplexity_ratio"
    }
  }

  package var entries: [Entry]
  /// By layer: ‖quantized output − float32 output‖ / ‖float32 output‖ on the calibration data.
  package var layerErrors: [String: Double]
  /// The size of the packed model's tensors.
  package var bytes: Int
  /// When it was measured, ISO 8601.
  package var date: String

  package init(entries: [Entry], layerErrors: [String: Double], bytes: Int, date: String) {
    self.entries = entries
    self.layerErrors = layerErrors
    self.bytes = bytes
    self.date = date
  }

  private enum CodingKeys: String, CodingKey {
    case entries, bytes, date
    case layerErrors = "layer_errors"
  }
}

/// Where the weights of a packed model came from.
package struct SourceRecord: Sendable, Equatable, Codable {
  /// The layout that was imported, such as `huggingface` or `llama2.c`.
  package var format: String
  /// SHA-256 in hexadecimal of the weights: of the file, or of the lines `<digest>  <name>\n` of several, by
  /// name.
  package var sha256: String
  /// The licence in the source's own words, such as `apache-2.0`; nil where it states none.
  package var licence: String?
  /// Names of the weight files, without folders.
  package var files: [String]

  package init(format: String, sha256: String, licence: String?, files: [String]) {
    self.format = format
    self.sha256 = sha256
    self.licence = licence
    self.files = files
  }
}
