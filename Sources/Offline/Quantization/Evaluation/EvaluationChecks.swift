import Checkpoints
import Importers
import Kernels
import Models
import Packs

extension PackEvaluator {
  /// Refuses a reference whose answers cannot be laid beside the pack's.
  func checkReference() throws(QuantizationError) {
    switch (reference, pack.configuration) {
    case (nil, _): return
    case (.vit(let model), .vit(let vit)):
      let other = model.configuration
      try requireEqual("images of size", other.imageSize, vit.imageSize)
      try requireEqual("classes:", other.classes, vit.classes)
    case (.llama(let model), .llama(let llama)):
      let other = model.configuration
      try requireEqual("a vocabulary of", other.vocabulary, llama.vocabulary)
      try requireEqual("a context of", other.context, llama.context)
    case (.vit, .llama): throw .wrongReference(what: "the architecture", reference: "vit", pack: "llama")
    case (.llama, .vit): throw .wrongReference(what: "the architecture", reference: "llama", pack: "vit")
    }
  }

  private func requireEqual(_ what: String, _ found: Int, _ expected: Int) throws(QuantizationError) {
    guard found == expected else {
      throw .wrongReference(what: what, reference: "\(found)", pack: "\(expected)")
    }
  }
}

extension QualityRecord.Entry {
  /// Refuses figures that JSON cannot write and nobody can compare.
  func checkFigures() throws(QuantizationError) {
    let figures: [(String, Double?)] = [
      ("top-1", top1), ("top-1 in float32", top1Reference), ("agreement", agreement),
      ("the negative log-likelihood", nll), ("the float32 model's negative log-likelihood", nllReference),
      ("the perplexity ratio", perplexityRatio), ("the KL divergence", kl),
    ]
    for case (let figure, let value?) in figures where !value.isFinite {
      throw .notMeasurable(data: data, figure: figure, found: value)
    }
  }
}

extension ModelPack {
  /// Loads the model as a daemon would and lets it answer once: a black image, or its first token.
  ///
  /// - Throws: What the daemon would refuse the pack for; ``QuantizationError/noFiniteAnswer(found:)``.
  /// - Complexity: Reads every weight once.
  package func tryOut(pool: WorkerPool) throws {
    let logits: [Float]
    switch configuration {
    case .vit(let vit):
      let model = try makeViT(maxBatch: 1, pool: pool)
      logits = Array(model.classify([Float](repeating: 0, count: vit.pixelValues), count: 1))
    case .llama(let llama):
      logits = try SequenceScorer(pack: self, longest: 1, pool: pool).logits([llama.beginToken ?? 0]).values
    }
    if let found = logits.first(where: { !$0.isFinite }) {
      throw QuantizationError.noFiniteAnswer(found: found)
    }
  }
}
