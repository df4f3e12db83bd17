import Architectures
import Glibc
import Importers
import Kernels
import Packs
import Quantization
import Synchronization
import TestSupport

/// Packs of the real test models, quantized once per process.
package enum RealPacks {
  package static let stories = SharedData.path("models/stories260k")
  package static let cifar = SharedData.path("models/cifar10-vit-tiny")
  package static let calibrationImages = SharedData.path("images/cifar10/calibration-512.bin")

  private static let cache = Mutex<[String: ModelPack]>([:])

  /// The language model without calibration data.
  package static func stories260k(_ recipe: Recipe = .w8a8) throws -> ModelPack {
    try cached("stories260k-\(recipe.rawValue)") { try build(stories, recipe, calibration: nil, to: $0) }
  }

  /// The classifier, calibrated on the training images put aside for that.
  package static func cifarViT(_ recipe: Recipe = .w8a8) throws -> ModelPack {
    try cached("cifar-\(recipe.rawValue)") {
      try build(cifar, recipe, calibration: calibrationImages, to: $0)
    }
  }

  /// Quantizes the model at `source` with one thread and writes the pack to `path`.
  package static func build(_ source: String, _ recipe: Recipe, calibration: String?, to path: String) throws
  {
    let model = try ImportedModel.open(source)
    let cached = AttentionScheme(keyBits: 4, valueBits: 4, probabilities: .log64)
    let builder = PackBuilder(
      model: model, tokenizer: try ImportedTokenizer.read(beside: source),
      options: .plain(recipe, attention: model.configuration.keepsKeysAndValues ? cached : nil),
      pool: WorkerPool(threads: 1))
    try builder.write(try builder.build(name: "test", calibration: calibration), quality: nil, to: path)
  }

  /// Opens the pack that `build` writes and removes its file: the mapping stays.
  private static func cached(_ key: String, _ build: (String) throws -> Void) throws -> ModelPack {
    try cache.withLock { packs in
      if let pack = packs[key] { return pack }
      let path = "/tmp/quantd-\(key)-\(getpid()).qpack"
      defer { unlink(path) }
      try build(path)
      let pack = try ModelPack(path: path)
      packs[key] = pack
      return pack
    }
  }
}

extension QuantizationOptions {
  /// Nearest codes of the model as it is: what the goldens of packs hold, whatever the defaults become.
  package static func plain(_ recipe: Recipe, attention: AttentionScheme? = nil) -> QuantizationOptions {
    QuantizationOptions(recipe: recipe, attention: attention, transforms: [], rounding: .nearest)
  }
}
