import Glibc
import Importers
import Kernels
import ModelFixtures
import Packs
import Quantization
import TestSupport
import Testing

/// Packs of public checkpoints hold the bytes and give the logits that they did when `Tests/Fixtures/PublicPacks` was
/// written: the same answers to the bit, whatever was rebuilt in between. Metadata may change.
@Suite("Packs of public checkpoints", .enabled(if: SharedData.available, "needs ../shared/data"))
struct PublicPackDigestTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let source: String
    let calibration: String
    let recipe: Recipe

    var testDescription: String { "\(name) \(recipe.rawValue)" }
  }

  /// What `models/quality.sh` imports.
  static let cases = Recipe.allCases.flatMap { recipe in
    let images = ["cifar10-vit-tiny", "cifar10-vit-tiny-timm", "early-cifar10-vit"]
    let texts = [
      "models/stories260k", "models-other/llama2c-stories260k/stories260K.bin", "models/early-stories-7m",
    ]
    return images.map {
      Case(
        name: $0, source: "models/\($0)", calibration: "images/cifar10/calibration-512.bin", recipe: recipe)
    }
      + texts.map {
        let name = $0.hasSuffix(".bin") ? "llama2c-stories260k" : String($0.dropFirst("models/".count))
        return Case(name: name, source: $0, calibration: "stories/01-aesop-fables.txt", recipe: recipe)
      }
  }

  @Test("are the same to the bit", arguments: cases)
  func digests(_ example: Case) throws {
    let pack = try pack(example)
    let name = "\(example.name)-\(example.recipe.rawValue)"
    let golden = Golden(
      "PublicPacks/\(name).txt", key: "qpack import \(example.source) --recipe \(example.recipe.rawValue)",
      kind: .publicPacks)
    let logits = try PackDigests.logits(pack, pictures: FixedInputs.pictures(10), ways: 2)
    #expect(Set(logits.map { $0.prefix(64) }).count == 1, "\(logits)")
    if let difference = try golden.difference(from: logits + PackDigests.tensors(pack)) {
      Issue.record("\(difference)")
    }
  }

  /// The pack as this program makes it; or, while goldens are renewed, as another one made it.
  private func pack(_ example: Case) throws -> ModelPack {
    if let folder = getenv("QUANTD_PUBLIC_PACKS") {
      return try ModelPack(
        path: "\(String(cString: folder))/\(example.name)-\(example.recipe.rawValue).qpack")
    }
    let path = try temporaryFile([])
    defer { unlink(path) }
    try RealPacks.build(
      SharedData.path(example.source), example.recipe, calibration: SharedData.path(example.calibration),
      to: path)
    return try ModelPack(path: path)
  }
}
