import Checkpoints
import ImageProcessing
import Kernels
import Models
import Packs
import TensorCore

/// Measures a pack on data that calibration did not see, beside the float32 model where there is one.
package struct PackEvaluator {
  package let pack: ModelPack
  package let reference: ReferenceModel?
  package let pool: WorkerPool

  package init(pack: ModelPack, reference: ReferenceModel?, pool: WorkerPool) {
    self.pack = pack
    self.reference = reference
    self.pool = pool
  }

  /// Runs the data at `path` through the pack: images for a classifier, a plain text for a language model.
  ///
  /// - Parameter limit: At most so many images or tokens; nil takes every image, or the standard 2,000 tokens.
  /// - Throws: Where the reference is of another model, or a figure is no finite number.
  package func evaluate(path: String, limit: Int? = nil) throws -> QualityRecord.Entry {
    try checkReference()
    let entry =
      switch pack.configuration {
      case .vit: try evaluate(images: .open(path: path, labels: pack.labels, limit: limit ?? .max))
      case .llama(let configuration): try evaluate(text: try chunks(path, configuration, limit: limit))
      }
    try entry.checkFigures()
    return entry
  }

  private func chunks(_ path: String, _ c: LlamaConfiguration, limit: Int?) throws -> TextChunks {
    guard let tokenizer = pack.tokenizer else { throw QuantizationError.noTokenizer }
    return try TextChunks.open(
      path: path, tokenizer: tokenizer, begin: c.beginToken, limit: limit ?? TextChunks.standardLimit,
      length: min(TextChunks.standardLength, c.context - 1))
  }

  // MARK: Images

  private func evaluate(images: ImageDataset) throws -> QualityRecord.Entry {
    let batch = 32
    let model = try pack.makeViT(maxBatch: batch, pool: pool)
    guard let recipe = pack.preprocessing else { throw PackError.missingSection(PackSection.preprocessing) }
    var metrics = ImageMetrics()
    for start in stride(from: 0, to: images.items.count, by: batch) {
      let items = images.items[start..<min(start + batch, images.items.count)]
      let inputs = try items.map {
        try NormalizedImage($0.image, recipe, size: model.configuration.inputSize).values
      }
      let logits = Array(model.classify(inputs.flatMap { $0 }, count: items.count))
      let classes = model.configuration.classes
      for (index, item) in items.enumerated() {
        metrics.add(
          label: item.label, quantized: Array(logits[index * classes..<(index + 1) * classes]),
          reference: referenceLogits(inputs[index]))
      }
    }
    return QualityRecord.Entry(
      data: images.name, count: metrics.count, kind: .image, top1: metrics.top1,
      top1Reference: metrics.top1Reference, agreement: metrics.agreement, kl: metrics.meanDivergence)
  }

  private func referenceLogits(_ image: [Float]) -> [Float]? {
    guard case .vit(let model)? = reference else { return nil }
    return model.logits(image)
  }

  // MARK: Text

  private func evaluate(text: TextChunks) throws -> QualityRecord.Entry {
    let longest = text.chunks.map(\.count).max() ?? 1
    let scorer = try SequenceScorer(pack: pack, longest: longest, pool: pool)
    var metrics = TextMetrics()
    for tokens in text.chunks {
      metrics.add(tokens: tokens, quantized: scorer.logits(tokens), reference: referenceLogits(tokens))
    }
    let nll = metrics.meanNLL
    return QualityRecord.Entry(
      data: text.name, count: metrics.scored, kind: .text, agreement: metrics.agreement, nll: nll,
      nllReference: metrics.meanReferenceNLL,
      perplexityRatio: metrics.meanReferenceNLL.map { exponential(nll - $0) }, kl: metrics.meanDivergence)
  }

  private func referenceLogits(_ tokens: [Int]) -> FloatTensor? {
    guard case .llama(let model)? = reference else { return nil }
    return model.logits(tokens)
  }
}

extension PackEvaluator {
  /// Every attention scheme on the float32 model's real activations; empty without a reference.
  package func studyAttention(path: String, limit: Int? = nil) throws -> [AttentionStudy.Row] {
    guard let reference else { return [] }
    try checkReference()
    let study = AttentionStudy(reference: reference, pool: pool)
    switch pack.configuration {
    case .llama(let configuration):
      return study.run(text: try chunks(path, configuration, limit: limit))
    case .vit(let configuration):
      guard let recipe = pack.preprocessing else { throw PackError.missingSection(PackSection.preprocessing) }
      let data = try ImageDataset.open(path: path, labels: pack.labels, limit: limit ?? .max)
      let images = try data.items.map {
        (values: try NormalizedImage($0.image, recipe, size: configuration.inputSize).values, label: $0.label)
      }
      return study.run(images: images)
    }
  }
}
