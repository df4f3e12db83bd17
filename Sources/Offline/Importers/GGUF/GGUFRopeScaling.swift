import Architectures
import Checkpoints
import Glibc

extension GGUFSource {
  /// How rotary frequencies are stretched; nil where they are not.
  ///
  /// Files of Llama 3.1 and later do not name the rule: they have its factors, one for each frequency, as the tensor
  /// `rope_freqs.weight`, written by a converter that knows the rule's four numbers. Those are found again by trying the
  /// numbers that models have; other factors are refused.
  func ropeScaling(headSize: Int) throws -> DecoderConfiguration.RopeScaling? {
    try requireUnscaled()
    guard let tensor = parts["rope_freqs.weight"] else { return nil }
    let factors = try tensor.floats().values
    let base = try number("rope.freq_base", 1...1e12, or: 10_000)
    let frequencies = stride(from: 0, to: headSize, by: 2).map {
      pow(base, -Double($0) / Double(headSize))
    }
    guard factors.count == frequencies.count else {
      throw ImportError.shapeMismatch(
        file: tensor.file, tensor: tensor.name, found: tensor.shape, expected: [frequencies.count])
    }
    if factors.allSatisfy({ $0 == 1 }) { return nil }
    let found = DecoderConfiguration.RopeScaling.known(largest: factors.max() ?? 1).first {
      $0.gives(factors, frequencies)
    }
    guard let found else {
      throw ImportError.unsupportedSetting(
        file: tensor.file, key: tensor.name, found: "factors of no known rule",
        supported: ["the factors of Llama 3.1 and later"])
    }
    return found
  }

  private func requireUnscaled() throws {
    try settings.require(key("rope.scaling.type"), among: ["none", "linear"])
    // Absent, the type is linear; its factor may be 0 or 1 for none.
    let isOff = try settings.text(key("rope.scaling.type")) == "none"
    for name in ["rope.scaling.factor", "rope.scale_linear"] where !isOff {
      guard settings[key(name)]?.number != 0 else { continue }
      try settings.require(key(name), neutral: 1)
    }
    try settings.require(key("rope.scaling.attn_factor"), neutral: 1)
    for name in ["rope.scaling.factor", "rope.scaling.original_context_length", "rope.scaling.finetuned"] {
      _ = settings[key(name)]
    }
  }
}

extension DecoderConfiguration.RopeScaling {
  /// Rules whose slowest frequency is divided by `largest`.
  static func known(largest: Float) -> [Self] {
    (11...18).map {
      Self(factor: Double(largest), lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 1 << $0)
    }
  }

  /// Whether the rule divides `frequencies` by `factors`, but for their rounding to float32.
  func gives(_ factors: [Float], _ frequencies: [Double]) -> Bool {
    zip(factors, frequencies).allSatisfy { factor, frequency in
      let expected = frequency / scaled(frequency)
      return abs(Double(factor) - expected) <= 1e-5 * expected
    }
  }
}
