import Architectures
import ImageProcessing
import Kernels
import Packs
import Vocabulary

/// Everything in a pack, for people and for scripts.
struct PackReport {
  private let pack: ModelPack

  init(_ pack: ModelPack) { self.pack = pack }

  private struct Tensor: Encodable {
    let name: String
    let type: String
    let shape: [Int]
    let bytes: Int
  }

  private struct Document: Encodable {
    let name: String
    let architecture: String
    let configuration: ModelConfiguration
    let scheme: ModelScheme
    let labels: [String]
    let preprocessing: ImagePreprocessing?
    let tokenizerPieces: Int?
    let generation: GenerationDefaults
    let source: SourceRecord?
    let recipe: RecipeRecord?
    let quality: QualityRecord?
    let bytes: Int
    let tensors: [Tensor]
  }

  func json() throws -> String {
    try JSONText.encode(
      Document(
        name: pack.name, architecture: pack.configuration.architecture, configuration: pack.configuration,
        scheme: pack.scheme, labels: pack.labels, preprocessing: pack.preprocessing,
        tokenizerPieces: pack.tokenizer?.vocabularySize, generation: pack.generation, source: pack.source,
        recipe: pack.recipe, quality: pack.quality, bytes: pack.file.tensorBytes, tensors: tensors))
  }

  private var tensors: [Tensor] {
    pack.file.names.compactMap { name in
      pack.file[name].map {
        Tensor(name: name, type: $0.type.rawValue, shape: $0.shape.extents, bytes: $0.bytes.count)
      }
    }
  }

  var text: String {
    (identity + shape + generation + provenance + quality).joined(separator: "\n")
  }

  private var identity: [String] {
    [
      "\(pack.name.oneLine) (\(pack.configuration.architecture))",
      row("weights", "\(decimals(Double(pack.file.tensorBytes) / 1e6, 2)) MB in \(tensors.count) tensors"),
      row("recipe", pack.recipe?.name ?? "unknown"),
    ]
  }

  private var shape: [String] {
    let names = pack.labels.isEmpty ? "" : ": " + pack.labels.prefix(10).joined(separator: ", ")
    return pack.configuration.facts.map { row($0.name, $0.value + ($0.name == "classes" ? names : "")) }
      + [row("attention", attention), row("weight formats", weightFormats)]
  }

  /// Each format with the number of layers stored in it.
  private var weightFormats: String {
    WeightFormat.all.compactMap { format in
      let count = pack.scheme.weights.values.count { $0 == format }
      return count == 0 ? nil : "\(format.name) in \(count) layers"
    }.joined(separator: ", ")
  }

  /// The schemes with the layers that run them.
  private var attention: String {
    let layers = Dictionary(grouping: pack.scheme.attention.indices) { pack.scheme.attention[$0].name }
    if layers.count == 1, let name = layers.keys.first { return name }
    return layers.sorted { $0.key < $1.key }
      .map { "\($0.key) in layers \($0.value.map(String.init).joined(separator: ", "))" }.joined(
        separator: "; ")
  }

  /// What the model's author set for generations, and what of it is not implemented.
  private var generation: [String] {
    guard let traits = pack.configuration.sequences else { return [] }
    let begin = pack.beginToken.map { "\($0)" } ?? "none"
    let ends = traits.endTokens.map(String.init).joined(separator: ", ")
    let defaults = pack.generation
    let figures: [(String, String?)] = [
      ("temperature", defaults.temperature.map { "\($0)" }), ("top-k", defaults.topK.map { "\($0)" }),
      ("top-p", defaults.topP.map { "\($0)" }), ("min-p", defaults.minP.map { "\($0)" }),
      ("repetition penalty", defaults.repetitionPenalty.map { "\($0)" }),
      ("at most", defaults.maxTokens.map { "\($0) tokens" }),
      ("ends at", defaults.stop.map { $0.map { "'\($0)'" }.joined(separator: " ") }),
      ("left out", defaults.leftOut.map { $0.joined(separator: " ") }),
    ]
    let set = figures.compactMap { name, value in value.map { "\(name) \($0)" } }.joined(separator: ", ")
    return [row("tokens", "begin \(begin), end \(ends.isEmpty ? "none" : ends)")]
      + (set.isEmpty ? [] : [row("generation", set)])
  }

  /// What calibration counts.
  private var items: String { pack.configuration.sequences == nil ? "images" : "tokens" }

  private var provenance: [String] {
    [
      pack.source.map {
        row("source", "\($0.format), \($0.files.joined(separator: ", ")), sha256 \($0.sha256)")
      },
      pack.source?.licence.map { row("licence", $0) },
      pack.recipe?.transforms.map { row("transforms", $0.isEmpty ? "none" : $0.joined(separator: ", ")) },
      pack.recipe?.rounding.map { row("rounding", $0) },
      pack.recipe?.calibrationData.map {
        row("calibrated on", "\($0), \(pack.recipe?.calibrationItems ?? 0) \(items)")
      },
      pack.recipe.map { row("written by", $0.writer) },
    ].compactMap { $0 }
  }

  private var quality: [String] {
    guard let quality = pack.quality, !quality.entries.isEmpty else {
      return [row("quality", "not measured")]
    }
    let worst = quality.layerErrors.max { ($0.value, $0.key) < ($1.value, $1.key) }
    return [row("quality", "measured \(quality.date)")]
      + quality.entries.flatMap { QualityText.lines($0).map { "    \($0)" } }
      + (worst.map { ["    largest layer error \(decimals($0.value, 4)) in \($0.key.oneLine)"] } ?? [])
  }

  private func row(_ name: String, _ value: String) -> String { "  \(name.padded(to: 14)) \(value.oneLine)" }
}
