import Architectures
import KVBlocks
import KVCache
import Kernels
import TestSupport
import Testing

@Suite("Paged KV cache")
struct PagedKVCacheTests {
  @Test("one by one equals one chunk equals odd chunks", arguments: InstructionSet.runnable)
  func chunking(set: InstructionSet) throws {
    for scheme in [AttentionScheme(), .init(valueScale: .token, probabilities: .log64)] {
      let tape = Tape(tokens: 200, scheme: scheme)
      let whole = try tape.run(set: set, chunks: [200])
      #expect(try tape.run(set: set, chunks: Array(repeating: 1, count: 200)) == whole)
      #expect(try tape.run(set: set, chunks: [1, 62, 1, 3, 64, 65, 4]) == whole)
    }
  }

  @Test("every instruction set gives the same bits", arguments: InstructionSet.runnable)
  func instructionSets(set: InstructionSet) throws {
    for scheme in [
      AttentionScheme(), .init(queryBits: 4, keyBits: 8, valueBits: 8, probabilities: .u8),
      .init(keyBits: 8, valueScale: .token, probabilities: .log64),
    ] {
      let tape = Tape(tokens: 150, scheme: scheme)
      #expect(try tape.run(set: set, chunks: [150]) == tape.run(set: .scalar, chunks: [150]))
    }
  }

  @Test("a batch of three sequences equals each alone")
  func batch() throws {
    let tapes = [Tape(tokens: 130, seed: 1), Tape(tokens: 70, seed: 2), Tape(tokens: 1, seed: 3)]
    let alone = try tapes.map { try $0.run(chunks: [$0.tokens]) }
    let shape = tapes[0].shape
    let cache = try PagedKVCache(shape: shape, blocks: 16, sequences: 3)
    let pool = WorkerPool(threads: 2)
    // Blocks are scattered, and the sequences advance at different speeds.
    let tables = [[7, 2, 9], [0, 15, 3], [8, 1, 4]].map { $0.map { BlockID(rawValue: $0) } }
    var together = tapes.map { [Float](repeating: 0, count: $0.out.count) }
    var done = [0, 0, 0]
    while done != tapes.map(\.tokens) {
      var (q, k, v) = ([Float](), [Float](), [Float]())
      var segments: [PagedKVCache.Segment] = []
      var owners: [Range<Int>?] = []
      try withTables(tables) { pointers in
        var row = 0
        for (i, tape) in tapes.enumerated() {
          let next = done[i]..<min(done[i] + 20 + 11 * i, tape.tokens)
          owners.append(next.isEmpty ? nil : next)
          if next.isEmpty { continue }
          q += tape.rows(tape.q, next, heads: Tape.heads)
          k += tape.rows(tape.k, next, heads: Tape.keyValueHeads)
          v += tape.rows(tape.v, next, heads: Tape.keyValueHeads)
          segments.append(
            .init(slot: i, blockTable: pointers[i], position: next.lowerBound, count: next.count, row: row))
          row += next.count
        }
        var out = [Float](repeating: 0, count: q.count)
        segments.withUnsafeBufferPointer {
          cache.attend(layer: 0, segments: $0, q: q, k: k, v: v, out: &out, heads: Tape.heads, pool: pool)
        }
        var at = 0
        for (i, owner) in owners.enumerated() {
          guard let owner else { continue }
          let width = Tape.heads * tapes[i].headSize
          for j in 0..<owner.count * width { together[i][owner.lowerBound * width + j] = out[at + j] }
          at += owner.count * width
          done[i] = owner.upperBound
        }
      }
    }
    for i in tapes.indices { #expect(together[i] == alone[i], "sequence \(i)") }
  }

  @Test("threads do not change a bit, spans included")
  func threads() throws {
    // 1,100 tokens are two spans of sealed pages; single tokens at the end are split over them.
    let tape = Tape(tokens: 1100, headSize: 8)
    let chunks = [1090] + Array(repeating: 1, count: 10)
    #expect(try tape.run(threads: 2, chunks: chunks) == tape.run(threads: 1, chunks: chunks))
  }

  @Test("where blocks lie does not matter")
  func scattered() throws {
    let tape = Tape(tokens: 200)
    #expect(try tape.run(chunks: [200], table: [5, 0, 7, 2]) == tape.run(chunks: [200]))
  }

  @Test("layers do not disturb each other")
  func layers() throws {
    let tape = Tape(tokens: 130)
    let mixed = [
      AttentionScheme(keyBits: 8, valueBits: 8, probabilities: .u8), tape.scheme,
      AttentionScheme(valueBits: 8), AttentionScheme(valueScale: .token, probabilities: .log64),
    ]
    let shape = CacheShape(layers: mixed, keyValueHeads: Tape.keyValueHeads, headSize: tape.headSize)
    let cache = try PagedKVCache(shape: shape, blocks: 4, sequences: 1)
    var outs: [[Float]] = []
    for layer in 0..<4 { outs.append(tape.run(in: cache, layer: layer, threads: 1, chunks: [130])) }
    #expect(outs[1] == (try tape.run(chunks: [130])))
    // Layer 0 again, after the others were written: its first page is still what it was.
    #expect(tape.run(in: cache, layer: 0, threads: 1, chunks: [130]) == outs[0])
  }

  @Test("a sequence on shared blocks equals one that computed them", arguments: [64, 128])
  func sharedPrefix(shared: Int) throws {
    let tape = Tape(tokens: 150)
    let cache = try PagedKVCache(shape: tape.shape, blocks: 6, sequences: 2)
    let first = tape.run(in: cache, threads: 1, chunks: [150], table: [0, 1, 2])
    let rest = tape.run(
      in: cache, threads: 1, chunks: [150 - shared], table: [0, 1, 5], slot: 1, from: shared)
    let width = Tape.heads * tape.headSize
    #expect(rest[(shared * width)...] == first[(shared * width)...])
  }

  @Test("is close to exact attention")
  func accuracy() throws {
    for (scheme, bound) in [
      (AttentionScheme(keyBits: 8, valueBits: 8, probabilities: .u8), 0.01), (AttentionScheme(), 0.15),
      (AttentionScheme(keyBits: 8, valueBits: 8, valueScale: .token, probabilities: .log64), 0.03),
      (AttentionScheme(valueScale: .token, probabilities: .log64), 0.12),
    ] {
      let tape = Tape(tokens: 140, scheme: scheme, headSize: 64)
      let error = relativeError(try tape.run(chunks: [140]), tape.exact())
      #expect(error < bound, "\(scheme): \(error)")
    }
  }

  @Test(
    "NaN and infinity stay in their sequence and trap nowhere",
    arguments: [
      AttentionScheme(), .init(keyBits: 5, valueBits: 3, valueScale: .token, probabilities: .log64),
    ])
  func poison(scheme: AttentionScheme) throws {
    var tape = Tape(tokens: 130, scheme: scheme)
    tape.k[5] = .nan
    tape.k[77 * Tape.keyValueHeads * tape.headSize] = .infinity
    tape.v[9] = -.infinity
    tape.q[100] = .nan
    let cache = try PagedKVCache(shape: tape.shape, blocks: 8, sequences: 2)
    _ = tape.run(in: cache, threads: 1, chunks: [130], table: [0, 1, 2])
    let healthy = Tape(tokens: 130, scheme: scheme, seed: 5)
    let out = healthy.run(in: cache, threads: 1, chunks: [130], table: [3, 4, 5], slot: 1)
    #expect(out == (try healthy.run(chunks: [130])))
  }

  /// Tokens as a rotated V has them: channels alike, and some tokens much larger than most.
  @Test("a scale per token keeps small values beside large ones")
  func tokenScales() throws {
    func error(_ scale: ValueScale) throws -> Double {
      let scheme = AttentionScheme(keyBits: 8, valueBits: 4, valueScale: scale, probabilities: .log64)
      var tape = Tape(tokens: 140, scheme: scheme, headSize: 64)
      let width = Tape.keyValueHeads * tape.headSize
      for i in tape.v.indices where i / width % 16 != 0 { tape.v[i] *= 0.02 }
      // The large ones weigh little.
      for i in tape.k.indices where i / width % 16 == 0 { tape.k[i] = 0 }
      return relativeError(try tape.run(chunks: [140]), tape.exact())
    }
    #expect(try error(.token) < 0.5 * error(.channel))
  }

  @Test("a page with a scale per token takes a byte and a float16 for each")
  func bytes() {
    func bytes(_ scheme: AttentionScheme) -> Int {
      CacheShape(layers: [scheme], keyValueHeads: 1, headSize: 64).bytesPerBlock
    }
    #expect(bytes(AttentionScheme()) == 64 * 64 + 4 * 128)
    #expect(bytes(AttentionScheme(valueScale: .token, probabilities: .log64)) == 64 * 64 + 2 * 128 + 64 * 3)
  }

  @Test("an impossible size is an error that says what to do")
  func tooLarge() {
    let shape = CacheShape(layers: [AttentionScheme()], keyValueHeads: 8, headSize: 64)
    #expect(throws: CacheError.self) { try PagedKVCache(shape: shape, blocks: .max / 2, sequences: 1) }
    #expect(throws: CacheError.self) { try PagedKVCache(shape: shape, blocks: -1, sequences: 1) }
  }
}
