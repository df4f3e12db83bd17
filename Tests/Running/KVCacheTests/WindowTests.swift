import Architectures
import KVBlocks
import KVCache
import Kernels
import TestSupport
import Testing

@Suite("Paged KV cache with windows and caps")
struct WindowTests {
  private static func tape(
    tokens: Int, window: Int?, cap: Double? = nil, probabilities: ProbabilityCode = .log2, headSize: Int = 20,
    seed: UInt64 = 1
  ) -> Tape {
    Tape(
      tokens: tokens, scheme: AttentionScheme(probabilities: probabilities, window: window),
      logits: LogitRule(scale: 0.2, cap: cap), headSize: headSize, seed: seed)
  }

  @Test("chunks, threads and instruction sets do not change a bit", arguments: InstructionSet.runnable)
  func anyCut(set: InstructionSet) throws {
    var random = SeededGenerator(seed: 21)
    for round in 0..<8 {
      let tokens = Int.random(in: 1...300, using: &random)
      let window = Int.random(in: 1...[8, 70, 200, 500][round % 4], using: &random)
      let tape = Self.tape(
        tokens: tokens, window: window, cap: round % 3 == 0 ? nil : 3,
        probabilities: ProbabilityCode.allCases[round % 4], headSize: 12, seed: UInt64(round))
      let alone = try tape.run(set: .scalar, chunks: Array(repeating: 1, count: tokens))
      var (chunks, left) = ([Int](), tokens)
      while left > 0 {
        chunks.append(Int.random(in: 1...min(left, 150), using: &random))
        left -= chunks.last ?? left
      }
      for threads in [1, 2] {
        let run = try tape.run(set: set, threads: threads, chunks: chunks)
        #expect(run == alone, "\(tokens) tokens, a window of \(window), \(chunks), \(threads) threads")
      }
    }
  }

  @Test(
    "a window over more than one span is split over threads without changing a bit",
    arguments: [700, 1000, 1100])
  func spans(window: Int) throws {
    let tape = Self.tape(tokens: 2200, window: window, headSize: 8)
    let chunks = [2190] + Array(repeating: 1, count: 10)
    let split = try tape.run(threads: 3, chunks: chunks)
    #expect(split == (try tape.run(threads: 1, chunks: chunks)))
    #expect(split == (try tape.run(threads: 2, chunks: [100, 1900, 63, 64, 65, 1, 1, 1, 5])))
  }

  @Test("a window as long as the context is none", arguments: [200, 201, Int.max])
  func wide(window: Int) throws {
    let tape = Self.tape(tokens: 200, window: window)
    #expect(try tape.run(chunks: [200]) == Self.tape(tokens: 200, window: nil).run(chunks: [200]))
  }

  @Test("a window of one token gives that token's V")
  func one() throws {
    let tape = Self.tape(tokens: 130, window: 1)
    let out = try tape.run(chunks: [130])
    let group = Tape.heads / Tape.keyValueHeads
    for (i, x) in out.enumerated() {
      let (row, channel) = i.quotientAndRemainder(dividingBy: tape.headSize)
      let (token, head) = row.quotientAndRemainder(dividingBy: Tape.heads)
      let v = tape.v[(token * Tape.keyValueHeads + head / group) * tape.headSize + channel]
      // One weight of 255: a product and a quotient, each rounded once.
      #expect(abs(x - Float(Float16(v))) <= 2 * Float(Float16(v)).ulp)
    }
  }

  @Test("is close to exact attention", arguments: [5, 64, 100], [nil, 2] as [Double?])
  func accuracy(window: Int, cap: Double?) throws {
    let scheme = AttentionScheme(keyBits: 8, valueBits: 8, probabilities: .u8, window: window)
    let tape = Tape(tokens: 140, scheme: scheme, logits: LogitRule(scale: 0.1, cap: cap), headSize: 64)
    let error = relativeError(try tape.run(chunks: [140]), tape.exact())
    #expect(error < 0.01, "\(error)")
  }

  @Test("a page that the window has left behind is not read, whoever owns its block now")
  func leftBehind() throws {
    let tape = Self.tape(tokens: 400, window: 100)
    let cache = try PagedKVCache(shape: tape.shape, blocks: 10, sequences: 1)
    let whole = try tape.run(chunks: [400])
    _ = tape.run(in: cache, threads: 1, chunks: [300])
    // Block 9 was never written; from position 300 on, tokens see those from 201 on: pages 3 and later.
    let table: [Int32] = [9, 9, 9, 3, 4, 5, 6]
    let rest = tape.run(in: cache, threads: 2, chunks: [1, 40, 59], table: table, from: 300)
    let width = Tape.heads * tape.headSize
    #expect(rest[(300 * width)...] == whole[(300 * width)...])
  }

  @Test("a sequence on shared blocks equals one that computed them", arguments: [20, 100])
  func sharedPrefix(window: Int) throws {
    let tape = Self.tape(tokens: 190, window: window)
    let cache = try PagedKVCache(shape: tape.shape, blocks: 6, sequences: 2)
    let first = tape.run(in: cache, threads: 1, chunks: [190], table: [0, 1, 2])
    let rest = tape.run(in: cache, threads: 1, chunks: [62], table: [0, 1, 5], slot: 1, from: 128)
    let width = Tape.heads * tape.headSize
    #expect(rest[(128 * width)...] == first[(128 * width)...])
  }

  @Test("layers with and without a window share a cache, each with its own rule for logits")
  func layers() throws {
    let tapes = [
      Self.tape(tokens: 150, window: 70), Tape(tokens: 150), Self.tape(tokens: 150, window: nil, cap: 2),
    ]
    let shape = CacheShape(
      layers: tapes.map { CacheShape.Layer($0.scheme, logits: $0.logits) },
      keyValueHeads: Tape.keyValueHeads, headSize: 20)
    let cache = try PagedKVCache(shape: shape, blocks: 4, sequences: 1)
    for (layer, tape) in tapes.enumerated() {
      #expect(tape.run(in: cache, layer: layer, threads: 1, chunks: [150]) == (try tape.run(chunks: [150])))
    }
  }

  @Test("sequences of a batch with different windows' ends equal each alone")
  func batch() throws {
    let tapes = [40, 130, 300].map { Self.tape(tokens: $0, window: 90, seed: UInt64($0)) }
    let cache = try PagedKVCache(shape: tapes[0].shape, blocks: 12, sequences: 3)
    let tables = [[0], [1, 2, 3], [4, 5, 6, 7, 8]].map { $0.map { BlockID(rawValue: $0) } }
    let pool = WorkerPool(threads: 2)
    let alone = try tapes.map { try $0.run(chunks: [$0.tokens]) }
    for (i, tape) in tapes.enumerated() {
      let table = tables[i].map(\.rawValue)
      _ = tape.run(in: cache, threads: 1, chunks: [tape.tokens - 1], table: table, slot: i)
    }
    // The last token of each in one step.
    var (q, k, v) = ([Float](), [Float](), [Float]())
    for tape in tapes {
      let last = tape.tokens - 1..<tape.tokens
      q += tape.rows(tape.q, last, heads: Tape.heads)
      k += tape.rows(tape.k, last, heads: Tape.keyValueHeads)
      v += tape.rows(tape.v, last, heads: Tape.keyValueHeads)
    }
    var out = [Float](repeating: 0, count: q.count)
    withTables(tables) { pointers in
      let segments = tapes.indices.map {
        PagedKVCache.Segment(
          slot: $0, blockTable: pointers[$0], position: tapes[$0].tokens - 1, count: 1, row: $0)
      }
      segments.withUnsafeBufferPointer {
        cache.attend(layer: 0, segments: $0, q: q, k: k, v: v, out: &out, heads: Tape.heads, pool: pool)
      }
    }
    let width = Tape.heads * tapes[0].headSize
    for i in tapes.indices { #expect(Array(out[(i * width)..<((i + 1) * width)]) == alone[i].suffix(width)) }
  }
}
