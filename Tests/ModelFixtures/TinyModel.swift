import Checkpoints
import FoundationEssentials
import Importers
import Packs
import Quantization
import TestSupport

/// The checkpoints of random weights in `Tests/Fixtures`, with what they answer in float64.
package enum TinyModel: String, CaseIterable, Sendable {
  case vit = "TinyViT"
  case llama = "TinyLlama"

  package var folder: String { "\(Golden.folder)/\(rawValue)" }

  /// The key of the goldens of its packs.
  package func key() throws -> String {
    let digest = try MappedFile(path: "\(folder)/model.safetensors").digest()
    return "sha256 \(digest)  Tests/Fixtures/\(rawValue)/model.safetensors"
  }

  package func open() throws -> ImportedModel { try ImportedModel.open(folder) }

  /// The model quantized as `qpack import` does, calibrated on inputs that never change.
  package func pack(_ recipe: Recipe) throws -> ModelPack {
    let manager = FileManager.default
    let scratch = manager.temporaryDirectory.appending(path: "quantd-\(rawValue)-\(UUID())").path
    try manager.createDirectory(atPath: "\(scratch)/pictures/noise", withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: scratch) }
    for seed in 1...16 as ClosedRange<UInt64> {
      let picture = TinyCheckpoints.picture(seed: 900 + seed, edge: 20)
      try Data(picture).write(to: URL(filePath: "\(scratch)/pictures/noise/\(10 + seed).ppm"))
    }
    try Data(FixedInputs.text.utf8).write(to: URL(filePath: "\(scratch)/text"))
    let calibration = self == .vit ? "\(scratch)/pictures" : "\(scratch)/text"
    try RealPacks.build(folder, recipe, calibration: calibration, to: "\(scratch)/pack")
    return try ModelPack(path: "\(scratch)/pack")
  }

  /// `expected.json`; its names are those of Swift.
  package func expected<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: URL(filePath: "\(folder)/expected.json")))
  }

  /// A tensor of `expected.safetensors`, row after row.
  package func expectedLogits(_ name: String) throws -> [Double] {
    let view = try SafetensorsFile(path: "\(folder)/expected.safetensors").tensor(name)
    precondition(view.type == .f64, "\(rawValue): '\(name)' is \(view.type.rawValue), not F64")
    return (0..<view.elementCount).map { view.bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
  }
}

/// How far `actual` is from `expected`, both as root mean squares: 0 is equal, √2 is what another model gives.
package func relativeError(_ actual: [Float], _ expected: [Double]) -> Double {
  guard actual.count == expected.count, !expected.isEmpty else { return .infinity }
  let error = zip(actual, expected).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
  return (error / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
}
