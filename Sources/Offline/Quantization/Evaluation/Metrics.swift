import Glibc
import TensorCore

/// Running means of what language-model evaluation reports.
struct TextMetrics {
  private(set) var scored = 0
  private var nll = 0.0
  private var nllReference = 0.0
  private var divergence = 0.0
  private var agreed = 0
  private var compared = false

  /// Adds the predictions of `tokens[1...]`; `quantized` and `reference` are logits `[tokens − 1 or more, vocabulary]`.
  mutating func add(tokens: [Int], quantized: FloatTensor, reference: FloatTensor?) {
    for position in 0..<tokens.count - 1 {
      let target = tokens[position + 1]
      let q = LogProbabilities(quantized.row(position))
      nll -= q[target]
      if let reference {
        compared = true
        let r = LogProbabilities(reference.row(position))
        nllReference -= r[target]
        divergence += r.divergence(to: q)
        agreed += r.top == q.top ? 1 : 0
      }
      scored += 1
    }
  }

  var meanNLL: Double { nll / Double(scored) }
  var meanReferenceNLL: Double? { compared ? nllReference / Double(scored) : nil }
  var meanDivergence: Double? { compared ? divergence / Double(scored) : nil }
  var agreement: Double? { compared ? Double(agreed) / Double(scored) : nil }
}

/// The logarithms of a softmax, in double.
struct LogProbabilities {
  private let logits: ArraySlice<Float>
  private let logSum: Double
  /// The most likely index; the first of equals.
  let top: Int

  init(_ logits: ArraySlice<Float>) {
    self.logits = logits
    var top = logits.startIndex
    for index in logits.indices where logits[index] > logits[top] { top = index }
    let peak = Double(logits[top])
    logSum = peak + log(logits.reduce(0.0) { $0 + exp(Double($1) - peak) })
    self.top = top - logits.startIndex
  }

  subscript(index: Int) -> Double { Double(logits[logits.startIndex + index]) - logSum }

  /// Σ p · (log p − log q), in nats.
  func divergence(to other: LogProbabilities) -> Double {
    logits.indices.reduce(0.0) { sum, index in
      let offset = index - logits.startIndex
      let own = self[offset]
      return sum + exp(own) * (own - other[offset])
    }
  }
}

/// Running counts of what image evaluation reports.
struct ImageMetrics {
  private(set) var count = 0
  private var right = 0
  private var rightReference = 0
  private var agreed = 0
  private var divergence = 0.0
  private var compared = false

  mutating func add(label: Int, quantized: [Float], reference: [Float]?) {
    let q = LogProbabilities(quantized[...])
    right += q.top == label ? 1 : 0
    if let reference {
      compared = true
      let r = LogProbabilities(reference[...])
      rightReference += r.top == label ? 1 : 0
      agreed += r.top == q.top ? 1 : 0
      divergence += r.divergence(to: q)
    }
    count += 1
  }

  var top1: Double { Double(right) / Double(count) }
  var top1Reference: Double? { compared ? Double(rightReference) / Double(count) : nil }
  var meanDivergence: Double? { compared ? divergence / Double(count) : nil }
  var agreement: Double? { compared ? Double(agreed) / Double(count) : nil }
}
