import Checkpoints
import FoundationEssentials
import Importers
import Kernels
import Packs
import Quantization
import TestSupport
import Tokenizers
import Vocabulary

/// A decoder of random weights in `Tests/Fixtures/Families`, with what transformers answers in float64.
package struct FamilyFixture: Sendable, CustomStringConvertible {
  package let name: String
  package var description: String { name }

  private static let root = "\(Golden.folder)/Families"

  /// Whatever folders there are, by name.
  package static let all: [FamilyFixture] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.sorted().filter { !$0.contains(".") }.map { FamilyFixture(name: $0) }
  }()

  /// The text of `Families/rotary.json`.
  package static func rotary() throws -> Data { try Data(contentsOf: URL(filePath: "\(root)/rotary.json")) }

  package struct Expected: Decodable, Sendable {
    package let ids: [Int]
    /// The positions whose logits are on file.
    package let rows: [Int]
    package let greedy: [Int]
  }

  package var folder: String { "\(Self.root)/\(name)" }

  /// The key of the goldens of its pack.
  package func key() throws -> String {
    let digest = try MappedFile(path: "\(folder)/model.safetensors").digest()
    return "sha256 \(digest)  Tests/Fixtures/Families/\(name)/model.safetensors"
  }

  package func open() throws -> ImportedModel { try ImportedModel.open(folder) }

  package func expected() throws -> Expected {
    try JSONDecoder().decode(Expected.self, from: Data(contentsOf: URL(filePath: "\(folder)/expected.json")))
  }

  /// Logits of the positions on file, row after row.
  package func expectedLogits() throws -> [Double] {
    let view = try SafetensorsFile(path: "\(folder)/expected.safetensors").tensor("logits")
    precondition(view.type == .f64, "\(name): logits are \(view.type.rawValue), not F64")
    return (0..<view.elementCount).map { view.bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
  }

  /// The model in 8 bits, without calibration; its tokenizer is a stand-in.
  package func pack(pool: WorkerPool) throws -> ModelPack {
    let options = QuantizationOptions.plain(
      .w8a8, attention: .init(queryBits: 8, keyBits: 8, valueBits: 8, probabilities: .u8))
    let builder = PackBuilder(model: try open(), tokenizer: Self.tokenizer, options: options, pool: pool)
    let path = FileManager.default.temporaryDirectory.appending(path: "quantd-\(name)-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try builder.write(builder.build(name: name, calibration: nil), quality: nil, to: path)
    return try ModelPack(path: path)
  }

  package static let tokenizer = TokenizerModel(
    header: TokenizerHeader(
      kind: .byteLevelBPE, wordSplit: .gpt2, addsBeginToken: true, begin: TokenID(1), end: TokenID(2)),
    pieces: (0..<128).map { [UInt8($0)] }, types: Array(repeating: .normal, count: 128), merging: .ranked([]))
}
