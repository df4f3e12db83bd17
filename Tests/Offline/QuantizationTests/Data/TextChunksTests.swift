import Checkpoints
import Glibc
import ModelFixtures
import TestSupport
import Testing
import Tokenizers

@testable import Quantization

@Suite("Text in chunks")
struct TextChunksTests {
  @Test(
    "are the reference's 2,000 ids in 8 chunks of 250, each after a begin token",
    .enabled(if: SharedData.available, "needs ../shared/data"))
  func reference() throws {
    let tokenizer = try #require(try RealPacks.stories260k().tokenizer)
    let chunks = try TextChunks.open(
      path: SharedData.path("reference/nll-text.txt"), tokenizer: tokenizer, begin: 1)
    let file = try SafetensorsFile(path: SharedData.path("reference/stories260k.safetensors"))
    let view = try file.tensor("nll.ids")
    let expected = (0..<view.elementCount).map { index in
      view.type == .i64
        ? Int(view.bytes.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self))
        : Int(view.bytes.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))
    }
    #expect(chunks.chunks.count == 8)
    #expect(chunks.chunks.allSatisfy { $0.count == 251 && $0[0] == 1 })
    #expect(chunks.chunks.flatMap { $0.dropFirst() } == expected)
    #expect(chunks.name == "nll-text.txt")
  }

  @Test("end with a shorter chunk, and leave out one that has nothing to score")
  func rest() throws {
    let tokenizer = try #require(try TinyPack.llama().open().tokenizer)
    let path = try temporaryText("abcdefghijk")
    defer { unlink(path) }
    let with = try TextChunks.open(path: path, tokenizer: tokenizer, begin: 257, length: 4)
    #expect(with.chunks.map(\.count) == [5, 5, 4])
    let without = try TextChunks.open(path: path, tokenizer: tokenizer, begin: nil, length: 5)
    #expect(without.chunks.map(\.count) == [5, 5], "one token without a begin token predicts nothing")
    let limited = try TextChunks.open(path: path, tokenizer: tokenizer, begin: nil, limit: 3, length: 5)
    #expect(limited.chunks == [[97, 98, 99]])
  }

  @Test("refuse what is not text, and what is too short")
  func refusals() throws {
    let tokenizer = try #require(try TinyPack.llama().open().tokenizer)
    for bytes in [[0xFF, 0xFE, 0x41], [0x41], []] as [[UInt8]] {
      let path = try temporaryFile(bytes)
      defer { unlink(path) }
      #expect(throws: (any Error).self) { try TextChunks.open(path: path, tokenizer: tokenizer, begin: 1) }
    }
  }
}

func temporaryText(_ text: String) throws -> String { try temporaryFile(Array(text.utf8)) }

/// The path of a new file with these bytes; the caller removes it.
func temporaryFile(_ bytes: [UInt8]) throws -> String {
  var template = Array("/tmp/quantd-test-XXXXXX".utf8CString)
  let descriptor = mkstemp(&template)
  defer { close(descriptor) }
  try #require(descriptor >= 0 && write(descriptor, bytes, bytes.count) == bytes.count)
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
