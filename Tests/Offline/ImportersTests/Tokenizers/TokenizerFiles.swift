import Checkpoints
import FoundationEssentials
import Importers
import TestSupport
import Tokenizers

/// The tokenizers of the shared data.
enum TokenizerFiles {
  static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: SharedData.path(path))))
  }

  static func json(_ path: String) throws -> Tokenizer { try Tokenizer(TokenizerJSON.read(bytes(path))) }

  static func stories() throws -> Tokenizer { try json("models/stories260k/tokenizer.json") }
  static func metaspace() throws -> Tokenizer {
    try json("models-other/tokenizer-forms/tok512-metaspace.tokenizer.json")
  }
  static func earlyStories() throws -> Tokenizer { try json("models/early-stories-7m/tokenizer.json") }

  static func llama2c() throws -> Tokenizer {
    try Tokenizer(Llama2CTokenizer.read(bytes("models-other/llama2c-stories260k/tok512.bin")))
  }

  static func gguf(_ name: String) throws -> Tokenizer {
    let file = try GGUFFile(path: SharedData.path("vectors/tokenizers/\(name)"))
    return try Tokenizer(GGUFVocabulary(file.metadata).model())
  }

  /// The GGUF file that has these bytes.
  static func gguf(_ bytes: [UInt8]) throws -> GGUFFile {
    try withUnnamedFile(bytes) { try GGUFFile(MappedFile(descriptor: $0, name: "test.gguf")) }
  }

  /// A text and the ids that the file's own tokenizer gives.
  struct Vector {
    let text: String
    let ids: [Int32]
  }

  /// The vocabularies in the folder that have strings and ids beside them.
  static func vectorNames() throws -> [String] {
    let files = Set(
      try FileManager.default.contentsOfDirectory(atPath: SharedData.path("vectors/tokenizers")))
    return files.filter { files.contains("\($0).inp") && files.contains("\($0).out") }.sorted()
  }

  static func vectors(_ name: String) throws -> [Vector] {
    let separator = Array("\n__ggml_vocab_test__\n".utf8)
    let base = "vectors/tokenizers/\(name)"
    var texts: [String] = []
    var rest = try bytes("\(base).inp")[...]
    while let range = rest.firstRange(of: separator) {
      texts.append(String(decoding: rest[..<range.lowerBound], as: UTF8.self))
      rest = rest[range.upperBound...]
    }
    let lines = String(decoding: try bytes("\(base).out"), as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    return zip(texts, lines).map { Vector(text: $0, ids: $1.split(separator: " ").compactMap { Int32($0) }) }
  }

  static func text(_ name: String, limit: Int) throws -> String {
    String(decoding: try bytes("text/\(name)").prefix(limit), as: UTF8.self)
  }
}

/// What the reference forward pass was given.
struct StoriesReference: Decodable {
  struct Greedy: Decodable {
    let prompt: String
    let promptIDs: [Int32]
    let continuationIDs: [Int32]
    let text: String

    private enum CodingKeys: String, CodingKey {
      case prompt, text
      case promptIDs = "prompt_ids"
      case continuationIDs = "continuation_ids"
    }
  }
  struct Prompt: Decodable {
    let name: String
    let text: String
  }
  let greedy: [Greedy]
  let prompts: [Prompt]

  static func read() throws -> Self {
    try JSONDecoder().decode(Self.self, from: Data(TokenizerFiles.bytes("reference/stories260k.json")))
  }

  /// An integer tensor of `stories260k.safetensors` as ids.
  static func ids(_ name: String) throws -> [Int32] {
    let file = try TokenizerFiles.bytes("reference/stories260k.safetensors")
    let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    struct Entry: Decodable {
      let dtype: String
      let offsets: [Int]

      private enum CodingKeys: String, CodingKey {
        case dtype
        case offsets = "data_offsets"
      }
    }
    struct Header: Decodable {
      let entries: [String: Entry]
      struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
      }
      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        var entries: [String: Entry] = [:]
        for key in container.allKeys where key.stringValue != "__metadata__" {
          entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
        }
        self.entries = entries
      }
    }
    let header = try JSONDecoder().decode(Header.self, from: Data(file[8..<8 + length]))
    guard let entry = header.entries[name] else { return [] }
    let size = entry.dtype == "I64" ? 8 : 4
    return stride(from: entry.offsets[0], to: entry.offsets[1], by: size).map { start in
      let word = file[(8 + length + start)...].prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return Int32(bitPattern: word)
    }
  }
}
