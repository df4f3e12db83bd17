import Glibc

/// A folder in the layout of the Hugging Face hub, as values that a test changes before it writes them.
package struct HuggingFaceCheckpoint: Sendable {
  package struct Tensor: Sendable {
    package var name: String
    package var shape: [Int]
    package var values: [Float]

    package init(name: String, shape: [Int], values: [Float]) {
      (self.name, self.shape, self.values) = (name, shape, values)
    }
  }

  package struct Piece: Sendable {
    package var text: String
    package var id: Int

    package init(_ text: String, _ id: Int) { (self.text, self.id) = (text, id) }
  }

  /// JSON texts of config.json, by key.
  package var config: [String: String]
  package var tensors: [Tensor]
  /// The vocabulary of tokenizer.json; nil writes none.
  package var pieces: [Piece]?
  package var addedTokens: [Piece] = []
  /// Pairs of pieces, first merge first.
  package var merges: [[String]] = []
  /// JSON texts of preprocessor_config.json; nil writes none.
  package var preprocessor: [String: String]?

  /// Writes the files into `folder`, which exists.
  package func write(to folder: String) throws {
    try writeFile(Array(Self.object(config).utf8), to: folder + "/config.json")
    try writeFile(safetensors(), to: folder + "/model.safetensors")
    if let preprocessor {
      try writeFile(Array(Self.object(preprocessor).utf8), to: folder + "/preprocessor_config.json")
    }
    if let pieces { try writeFile(Array(tokenizer(pieces).utf8), to: folder + "/tokenizer.json") }
  }

  private static func object(_ members: [String: String]) -> String {
    "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
      + "}"
  }

  private func tokenizer(_ pieces: [Piece]) -> String {
    let added = addedTokens.map { "{\"id\": \($0.id), \"content\": \"\($0.text)\", \"special\": true}" }
    let vocabulary = pieces.map { "\"\($0.text)\": \($0.id)" }
    let pairs = merges.map { "[\($0.map { "\"\($0)\"" }.joined(separator: ", "))]" }
    return """
      {"added_tokens": [\(added.joined(separator: ", "))], "normalizer": null,
       "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false},
       "model": {"type": "BPE", "unk_token": "<unk>", "vocab": {\(vocabulary.joined(separator: ", "))},
         "merges": [\(pairs.joined(separator: ", "))]}}
      """
  }

  private func safetensors() -> [UInt8] {
    var (header, data) = ([String](), [UInt8]())
    for tensor in tensors {
      let start = data.count
      tensor.values.withUnsafeBytes { data += $0 }
      header.append(
        "\"\(tensor.name)\":{\"dtype\":\"F32\",\"shape\":\(tensor.shape),\"data_offsets\":[\(start),\(data.count)]}"
      )
    }
    var text = Array("{\(header.joined(separator: ","))}".utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(text.count)) { Array($0) } + text + data
  }

  private func writeFile(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "w") else { throw CheckpointFileError(path: path, code: errno) }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw CheckpointFileError(path: path, code: errno)
    }
  }
}
