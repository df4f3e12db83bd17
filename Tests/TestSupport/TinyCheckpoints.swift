import Glibc

/// Checkpoints with random weights, written in the formats that people bring: they make a model of every kind
/// available to tests that no data accompanies.
package enum TinyCheckpoints {
  /// A decoder of two layers whose answers never end by themselves, so that a request's length is what it asks for.
  package static let languageContext = 2048

  /// Writes `model.bin` and `tokenizer.bin` as llama2.c does; returns the path of the first.
  package static func writeLanguageModel(to folder: String, seed: UInt64) throws -> String {
    let path = folder + "/model.bin"
    try write(languageModel(seed: seed), to: path)
    try write(tokenizer(), to: folder + "/tokenizer.bin")
    return path
  }

  /// Writes a classifier of 16×16 images in timm's layout: `config.json` and `model.safetensors`.
  package static func writeClassifier(to folder: String, seed: UInt64) throws {
    let config = """
      {"architecture": "vit_tiny", "num_classes": \(labels.count), "global_pool": "token",
       "label_names": [\(labels.map { "\"\($0)\"" }.joined(separator: ", "))],
       "model_args": {"img_size": 16, "num_heads": 4, "depth": 2},
       "pretrained_cfg": {"input_size": [3, 16, 16], "interpolation": "bilinear", "crop_pct": 1.0,
         "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}
      """
    try write(Array(config.utf8), to: folder + "/config.json")
    try write(classifier(seed: seed), to: folder + "/model.safetensors")
  }

  /// A square picture of colored noise: a PPM file.
  package static func picture(seed: UInt64, edge: Int = 16) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    return Array("P6\n\(edge) \(edge)\n255\n".utf8) + random.uint8s(3 * edge * edge)
  }

  static let labels = ["ship", "airplane", "cat", "horse", "truck", "frog", "bird", "deer", "dog", "car"]

  // MARK: Language model

  private static let pieces = tokenizerPieces()

  private static func languageModel(seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    let (width, hidden, layers, heads, keyValueHeads) = (64, 96, 2, 4, 2)
    let (head, vocabulary) = (width / heads, pieces.count)
    let header = [width, hidden, layers, heads, keyValueHeads, -vocabulary, languageContext]
    var values: [Float] = []
    // Component 0 of the residual is a constant that no layer touches; see `classifierRow`.
    for _ in 0..<vocabulary { values += [2] + random.floats(width - 1, in: -1...1) }
    func matrix(_ rows: Int, _ columns: Int, keepsFirst: Bool = false) {
      let bound = 1.5 / Float(columns).squareRoot()
      for row in 0..<rows {
        let isKept = keepsFirst && row == 0
        values += isKept ? [Float](repeating: 0, count: columns) : random.floats(columns, in: -bound...bound)
      }
    }
    func each(_ body: () -> Void) { for _ in 0..<layers { body() } }
    func ones(_ count: Int) { values += [Float](repeating: 1, count: count) }
    each { ones(width) }
    each { matrix(width, width) }
    each { matrix(keyValueHeads * head, width) }
    each { matrix(keyValueHeads * head, width) }
    each { matrix(width, width, keepsFirst: true) }
    each { ones(width) }
    each { matrix(hidden, width) }
    each { matrix(width, hidden, keepsFirst: true) }
    each { matrix(hidden, width) }
    ones(width)
    values += [Float](repeating: 0, count: languageContext * head)
    for token in 0..<vocabulary { values += classifierRow(token, width, &random) }
    return header.flatMap { bytes(Int32($0)) } + values.withUnsafeBytes { Array($0) }
  }

  /// The unknown, begin and end tokens and bytes that are no text of their own answer the constant with −16: they
  /// never come.
  private static func classifierRow(_ token: Int, _ width: Int, _ random: inout SeededGenerator) -> [Float] {
    let isText = (3 + 0x20..<3 + 0x7F).contains(token) || token >= 259
    return [isText ? 0 : -16] + random.floats(width - 1, in: -0.7...0.7)
  }

  private static func tokenizerPieces() -> [[UInt8]] {
    let special = ["<unk>", "\n<s>\n", "\n</s>\n"].map { Array($0.utf8) }
    let digits = Array("0123456789ABCDEF".utf8)
    let byteNames = (0..<256).map { byte in
      Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15]] + Array(">".utf8)
    }
    let letters = (UInt8(ascii: "a")...UInt8(ascii: "z")).map { [$0] }
    let words = [" ", " t", "he", " the", "in", " a", "on", "Once", " upon", " time", "é", "ship", ".", ","]
    return special + byteNames + letters + words.map { Array($0.utf8) }
  }

  private static func tokenizer() -> [UInt8] {
    let longest = Int32(pieces.map(\.count).max() ?? 0)
    return pieces.enumerated().reduce(bytes(longest)) { result, entry in
      result + bytes(Float(-entry.offset)) + bytes(Int32(entry.element.count)) + entry.element
    }
  }

  // MARK: Classifier

  private static func classifier(seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    let (width, hidden, patch) = (48, 64, 4)
    var header: [String] = []
    var data: [UInt8] = []
    func add(_ name: String, _ shape: [Int], in range: ClosedRange<Float>) {
      let values = random.floats(shape.reduce(1, *), in: range)
      let start = data.count
      values.withUnsafeBytes { data += $0 }
      header.append(
        "\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[\(start),\(data.count)]}")
    }
    func layer(_ name: String, _ outputs: Int, _ shape: [Int]) {
      let inputs = Float(shape.reduce(1, *))
      add(name + ".weight", [outputs] + shape, in: -2 / inputs.squareRoot()...2 / inputs.squareRoot())
      add(name + ".bias", [outputs], in: -0.1...0.1)
    }
    func norm(_ name: String) {
      add(name + ".weight", [width], in: 0.5...1.5)
      add(name + ".bias", [width], in: -0.1...0.1)
    }
    add("cls_token", [1, 1, width], in: -1...1)
    add("pos_embed", [1, 17, width], in: -1...1)
    layer("patch_embed.proj", width, [3, patch, patch])
    for index in 0..<2 {
      let block = "blocks.\(index)."
      norm(block + "norm1")
      layer(block + "attn.qkv", 3 * width, [width])
      layer(block + "attn.proj", width, [width])
      norm(block + "norm2")
      layer(block + "mlp.fc1", hidden, [width])
      layer(block + "mlp.fc2", width, [hidden])
    }
    norm("norm")
    layer("head", labels.count, [width])
    var text = Array("{\(header.joined(separator: ","))}".utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    return bytes(UInt64(text.count)) + text + data
  }

  // MARK: Bytes

  private static func bytes(_ value: some BitwiseCopyable) -> [UInt8] {
    withUnsafeBytes(of: value) { Array($0) }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "w") else { throw CheckpointFileError(path: path, code: errno) }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw CheckpointFileError(path: path, code: errno)
    }
  }
}

/// A file of a test's checkpoint could not be written.
struct CheckpointFileError: Error {
  let path: String
  let code: CInt
}
