import KVBlocks
import KVCache
import Kernels
import ModelFixtures
import Models
import Packs
import TestSupport
import Testing
import Vocabulary

/// A pack may come from anybody: whatever its header says, opening it, building its model and running one step either
/// throws or works.
@Suite("Mutated packs")
struct PackMutationTests {
  @Test(
    "with another number or word anywhere in the header are refused or run",
    arguments: [1, 2, 3, 4] as [UInt64])
  func values(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let pack = PackBytes(try seed % 2 == 0 ? TinyPack.vit().bytes() : TinyPack.llama().bytes())
    var accepted = 0
    for _ in 0..<400 where run(pack.replacingValue(using: &random)) { accepted += 1 }
    print("seed \(seed): \(accepted) of 400 changed headers still made a model")
    #expect(accepted > 0, "nothing was accepted: the mutations do not reach beyond the reader")
  }

  @Test("with other bytes anywhere in the header are refused or run", arguments: [5, 6] as [UInt64])
  func bytes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let bytes = try seed % 2 == 0 ? TinyPack.vit(bits: 4).bytes() : TinyPack.llama(bits: 4).bytes()
    let header = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    for _ in 0..<400 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        changed[Int.random(in: 0..<header, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = run(changed)
    }
  }

  @Test("cut short anywhere are refused")
  func truncated() throws {
    let bytes = try TinyPack.vit().bytes()
    for length in stride(from: 0, to: bytes.count, by: bytes.count / 100) {
      #expect(!run(Array(bytes[..<length])), "\(length) bytes")
    }
  }

  /// Whether a model could be built; it has then run one step.
  private func run(_ bytes: [UInt8]) -> Bool {
    guard let pack = try? TinyPack.open(bytes) else { return false }
    let pool = WorkerPool(threads: 1)
    switch pack.configuration.capability {
    case .images(let c):
      guard let model = try? pack.makeImageModel(maxBatch: 1, pool: pool) else { return false }
      let image = [Float](repeating: 0.5, count: c.pixelValues)
      return model.classify(image, count: 1).count == c.classes
    case .sequences(let c):
      let limits = SequenceLimits(stepTokens: 4, sequences: 1, logitRows: 1, blocks: 1)
      guard let model = try? pack.makeSequenceModel(limits: limits, pool: pool) else { return false }
      var batch = SequenceBatch()
      batch.tokens = [TokenID(Int32(c.beginToken ?? 0))]
      batch.logitRows = [0]
      return withUnsafePointer(to: BlockID(rawValue: 0)) { table in
        batch.segments = [PagedKVCache.Segment(slot: 0, blockTable: table, position: 0, count: 1, row: 0)]
        return model.forward(batch).count == c.vocabulary
      }
    }
  }
}

/// A pack's file, taken apart so that its header can change in length.
private struct PackBytes {
  let header: [UInt8]
  let data: [UInt8]
  /// Where the header's numbers and words lie, in the JSON itself and in the JSON texts of sections.
  let tokens: [Range<Int>]

  init(_ bytes: [UInt8]) {
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    header = Array(bytes[8..<8 + length])
    data = Array(bytes[(8 + length)...])
    tokens = Self.tokens(header)
  }

  private static func tokens(_ text: [UInt8]) -> [Range<Int>] {
    var (ranges, start) = ([Range<Int>](), Int?.none)
    for (index, byte) in text.enumerated() {
      let letter = Character(Unicode.Scalar(byte))
      if letter.isLetter || letter.isNumber || ".-+_".contains(letter) {
        start = start ?? index
      } else if let begin = start {
        ranges.append(begin..<index)
        start = nil
      }
    }
    return ranges
  }

  private static let replacements = [
    "0", "1", "-1", "2", "3", "4", "7", "8", "16", "31", "33", "64", "96", "128", "255", "256", "4096",
    "65536",
    "16777216", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "1e30", "1e308",
    "1e999",
    "0.5", "1e-30", "null", "true", "vit", "llama", "u8", "sqrt2", "log64", "F32", "I8", "U8", "spmBPE",
    "llama3", "",
  ]

  func replacingValue(using random: inout SeededGenerator) -> [UInt8] {
    let token = tokens[Int.random(in: 0..<tokens.count, using: &random)]
    let new = Self.replacements[Int.random(in: 0..<Self.replacements.count, using: &random)]
    var text = header
    text.replaceSubrange(token, with: Array(new.utf8))
    while text.last == 0x20 { text.removeLast() }
    text += [UInt8](repeating: 0x20, count: -(8 + text.count) & 63)
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text + data
  }
}
