import Architectures
import Kernels
import Models
import Packs
import Reference

extension PackEvaluator {
  /// Refuses a reference whose answers cannot be laid beside the pack's.
  func checkReference() throws(QuantizationError) {
    guard let (what, found, expected) = reference?.configuration.difference(from: pack.configuration) else {
      return
    }
    throw .wrongReference(what: what, reference: found, pack: expected)
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
    let limits = ModelLimits(imageBatch: 1, sequences: 1, cacheBytes: 0)
    let logits = try makeModel(limits, stepTokens: 1, pool: pool).warmUp()
    if let found = logits.first(where: { !$0.isFinite }) {
      throw QuantizationError.noFiniteAnswer(found: found)
    }
  }
}
