import Architectures
import FloatKernels
import KVCache
import Kernels
import TensorCore

extension Suite {
  static let attention: Suite = Suite(
    name: "attention", summary: "decode, prefill and ViT attention; the probability codes side by side"
  ) { bench in
    let benchmark = AttentionBenchmark(bench: bench)
    for shape in AttentionShape.decoders {
      try benchmark.floatDecode(shape)
      for scheme in AttentionShape.schemes + AttentionShape.tokenSchemes {
        try benchmark.decode(shape, scheme)
        try benchmark.prefill(shape, scheme)
      }
    }
    for shape in AttentionShape.encoders {
      for scheme in AttentionShape.schemes { benchmark.bidirectional(shape, scheme) }
    }
  }
}

private struct AttentionShape {
  let model: String
  let layers: Int
  let heads: Int
  let keyValueHeads: Int
  let headSize = 64

  static let decoders = [
    Self(model: "smollm-135m", layers: 30, heads: 9, keyValueHeads: 3),
    Self(model: "llama-3.2-1b", layers: 16, heads: 32, keyValueHeads: 8),
  ]
  static let encoders = [
    Self(model: "deit-small", layers: 12, heads: 6, keyValueHeads: 6),
    Self(model: "vit-base", layers: 12, heads: 12, keyValueHeads: 12),
  ]
  /// Every probability code with keys and values of 4 bits and of 8.
  static let schemes = [4, 8].flatMap { bits in
    ProbabilityCode.allCases.map { AttentionScheme(keyBits: bits, valueBits: bits, probabilities: $0) }
  }
  /// V with a scale per token and other numbers of bits, which only a cache has.
  static let tokenSchemes = [(8, 8), (8, 4), (5, 4), (4, 4), (4, 3), (4, 2)].map { keyBits, valueBits in
    AttentionScheme(keyBits: keyBits, valueBits: valueBits, valueScale: .token, probabilities: .log64)
  }

  var rows: FilledCache.Rows {
    FilledCache.Rows(heads: heads, keyValueHeads: keyValueHeads, headSize: headSize)
  }

  /// Multiplications and additions where `queries` tokens see `visible` tokens each.
  func operations(queries: Double, visible: Double) -> Double {
    4 * queries * visible * Double(heads * headSize)
  }
}

private struct AttentionBenchmark {
  let bench: Bench

  /// One token against a long context, through as many layers as the model has: pages come from memory.
  func decode(_ shape: AttentionShape, _ scheme: AttentionScheme) throws {
    let usual = scheme.probabilities == .log64 ? [4_096, 16_384] : [4_096]
    for context in bench.options.context.map({ [$0] }) ?? usual {
      try decode(shape, scheme, context: context)
    }
  }

  private func decode(_ shape: AttentionShape, _ scheme: AttentionScheme, context: Int) throws {
    let name = "\(shape.model) decode \(scheme.name) at \(context)"
    guard bench.wants(name) else { return }
    let blocks = FilledCache.blocks(sequences: 1, context: context)
    for set in bench.options.sets {
      let cache = try makeCache(shape, scheme, layers: shape.layers, blocks: blocks, set)
      for threads in bench.options.threadCounts {
        let filled = FilledCache(cache, shape.rows, context: context, pool: bench.pools[threads])
        let step = [filled.segment(slot: 0, position: context, count: 1, row: 0)]
        let operations = Double(shape.layers) * shape.operations(queries: 1, visible: Double(context))
        bench.rate(
          .attention, name, set: set, threads: threads, amount: Double(filled.stepBytes) * 1e-9, unit: "GB/s",
          work: Work(operations: operations, bytes: Double(filled.stepBytes)),
          details: { ["us": $0 * 1e6, "error": filled.error()] },
          body: { for layer in 0..<shape.layers { filled.attend(layer: layer, segments: step) } })
      }
    }
  }

  /// The same in float32, without any codes, in one layer and on one thread.
  func floatDecode(_ shape: AttentionShape) throws {
    let context = bench.options.context ?? 4_096
    let name = "\(shape.model) decode float32 at \(context), one layer"
    guard bench.wants(name), bench.options.threadCounts.contains(1) else { return }
    let blocks = FilledCache.blocks(sequences: 1, context: context)
    let cache = try makeCache(shape, AttentionScheme(), layers: 1, blocks: blocks, .current)
    let filled = FilledCache(cache, shape.rows, context: context, pool: bench.pools[1])
    let timing = bench.time { for head in 0..<shape.heads { sink(filled.floatAttention(head: head)[0]) } }
    bench.duration(.attention, name, threads: 1, timing, unit: .microseconds)
  }

  /// 512 tokens, each of which sees those before it, in one layer.
  func prefill(_ shape: AttentionShape, _ scheme: AttentionScheme) throws {
    let (name, tokens) = ("\(shape.model) prefill 512 \(scheme.name)", 512)
    guard bench.wants(name) else { return }
    for set in bench.options.sets {
      let blocks = FilledCache.blocks(sequences: 1, context: tokens)
      let cache = try makeCache(shape, scheme, layers: 1, blocks: blocks, set)
      for threads in bench.options.threadCounts {
        let filled = FilledCache(
          cache, shape.rows, context: tokens, chunk: tokens, pool: bench.pools[threads])
        let segment = [filled.segment(slot: 0, position: 0, count: tokens, row: 0)]
        let operations = shape.operations(queries: Double(tokens), visible: Double(tokens + 1) / 2)
        bench.rate(
          .attention, name, set: set, threads: threads, amount: operations * 1e-9, unit: "Gop/s",
          work: Work(operations: operations), details: { ["us": $0 * 1e6] },
          body: { filled.attend(layer: 0, segments: segment) })
      }
    }
  }

  /// 197 tokens that all see each other, 8 images, one layer; with the relative error against float32.
  func bidirectional(_ shape: AttentionShape, _ scheme: AttentionScheme) {
    let (name, tokens, images) = ("\(shape.model) 197 tokens \(scheme.name)", 197, 8)
    guard bench.wants(name) else { return }
    let input = RandomFloats(count: images * tokens * shape.rows.stride)
    let output = AlignedStorage(byteCount: 4 * images * tokens * shape.rows.keys)
    let (q, out) = (input.pointer, output.pointer(to: Float.self))
    let operations = Double(images) * shape.operations(queries: Double(tokens), visible: Double(tokens))
    for set in bench.options.sets {
      for threads in bench.options.threadCounts {
        let attention = BidirectionalAttention(
          heads: shape.heads, headSize: shape.headSize, tokens: tokens, pool: bench.pools[threads], set: set)
        bench.rate(
          .attention, name, set: set, threads: threads, amount: operations * 1e-9, unit: "Gop/s",
          work: Work(operations: operations),
          details: { ["us": $0 * 1e6, "error": Self.error(of: out, q: q, shape, tokens: tokens)] },
          body: {
            attention(
              scheme, images: images, q: q, k: q + shape.rows.keys, v: q + shape.rows.values,
              stride: shape.rows.stride, output: out)
          })
      }
    }
  }

  private func makeCache(
    _ shape: AttentionShape, _ scheme: AttentionScheme, layers: Int, blocks: Int, _ set: InstructionSet
  ) throws -> PagedKVCache {
    let form = CacheShape(
      layers: [AttentionScheme](repeating: scheme, count: layers), keyValueHeads: shape.keyValueHeads,
      headSize: shape.headSize)
    return try PagedKVCache(shape: form, blocks: blocks, sequences: 1, set: set)
  }

  /// `‖output − float32 attention‖ / ‖float32 attention‖` of the first head of the first image.
  private static func error(
    of output: UnsafePointer<Float>, q: UnsafePointer<Float>, _ shape: AttentionShape, tokens: Int
  ) -> Double {
    let (d, width, stride) = (shape.headSize, shape.rows.keys, shape.rows.stride)
    var exact = [Float](repeating: 0, count: tokens * d)
    let float = FloatAttention(
      rows: tokens, tokens: tokens, dimension: d, queryStride: stride, keyStride: stride)
    float(queries: q, keys: q + shape.rows.keys, values: q + shape.rows.values, output: &exact)
    var (difference, norm) = (0.0, 0.0)
    for (index, expected) in exact.enumerated() {
      let actual = output[index / d * width + index % d]
      difference += Double(actual - expected) * Double(actual - expected)
      norm += Double(expected) * Double(expected)
    }
    return (difference / norm).squareRoot()
  }
}
