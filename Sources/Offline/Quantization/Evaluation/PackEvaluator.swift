import Architectures
import ImageProcessing
import Kernels
import Models
import Packs
import Reference
import TensorCore

/// Measures a pack on data that calibration did not see, beside the float32 model where there is one.
package struct PackEvaluator {
  package let pack: ModelPack
  package let reference: ReferenceModel?
  package let pool: WorkerPool
  private let report: ImportProgress.Handler

  package init(
    pack: ModelPack, reference: ReferenceModel?, pool: WorkerPool,
    report: @escaping ImportProgress.Handler = { _ in }
  ) {
    self.report = report
    self.pack = pack
    self.reference = reference
    self.pool = pool
  }

  /// Measures with the data at `path`; see ``evaluate(_:)`` and ``read(_:limit:)``.
  package func evaluate(path: String, limit: Int? = nil) throws -> QualityRecord.Entry {
    try checkReference()
    return try evaluate(read(.file(path), limit: limit))
  }

  /// Runs data through the pack: images for a classifier, a text for a language model.
  ///
  /// - Throws: Where the reference is of another model, or a figure is no finite number.
  package func evaluate(_ data: ModelData) throws -> QualityRecord.Entry {
    try checkReference()
    let entry =
      switch data {
      case .images(let images): try evaluate(images)
      case .text(let text): try evaluate(text)
      }
    try entry.checkFigures()
    return entry
  }

  /// Every attention scheme on the float32 model's real activations; empty without a reference.
  package func studyAttention(path: String, limit: Int? = nil) throws -> [AttentionStudy.Row] {
    guard let reference else { return [] }
    try checkReference()
    return try AttentionStudy(reference: reference, pool: pool).run(read(.file(path), limit: limit))
  }

  /// - Parameter limit: At most so many images or tokens; nil takes every image, or the standard 2,000 tokens.
  package func read(_ source: DataSource, limit: Int? = nil) throws -> ModelData {
    let reader = DataReader(
      capability: pack.configuration.capability, labels: pack.labels, preprocessing: pack.preprocessing,
      tokenizer: pack.tokenizer, begin: pack.beginToken)
    return try reader.evaluation(source, limit: limit)
  }

  private func evaluate(_ images: NormalizedImages) throws -> QualityRecord.Entry {
    let batch = 32
    let model = try pack.makeImageModel(maxBatch: batch, pool: pool)
    var metrics = ImageMetrics()
    for start in stride(from: 0, to: images.count, by: batch) {
      report(ImportProgress(.measuring, start, of: images.count))
      let indices = start..<min(start + batch, images.count)
      let inputs = try indices.map { try images.values($0) }
      let logits = Array(model.classify(inputs.flatMap { $0 }, count: inputs.count))
      let classes = model.traits.classes
      for (row, index) in indices.enumerated() {
        metrics.add(
          label: images.label(index), quantized: Array(logits[row * classes..<(row + 1) * classes]),
          reference: reference?.logits(.image(inputs[row])).values)
      }
    }
    return QualityRecord.Entry(
      data: images.data.name, count: metrics.count, kind: .image, top1: metrics.top1,
      top1Reference: metrics.top1Reference, agreement: metrics.agreement, kl: metrics.meanDivergence)
  }

  private func evaluate(_ text: TextChunks) throws -> QualityRecord.Entry {
    let longest = text.chunks.map(\.count).max() ?? 1
    let scorer = try SequenceScorer(pack: pack, longest: longest, pool: pool)
    var metrics = TextMetrics()
    for (index, tokens) in text.chunks.enumerated() {
      report(ImportProgress(.measuring, index, of: text.chunks.count))
      metrics.add(
        tokens: tokens, quantized: scorer.logits(tokens), reference: reference?.logits(.tokens(tokens)))
    }
    let nll = metrics.meanNLL
    return QualityRecord.Entry(
      data: text.name, count: metrics.scored, kind: .text, agreement: metrics.agreement, nll: nll,
      nllReference: metrics.meanReferenceNLL,
      perplexityRatio: metrics.meanReferenceNLL.map { exponential(nll - $0) }, kl: metrics.meanDivergence)
  }
}
