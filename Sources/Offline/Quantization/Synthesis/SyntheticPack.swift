import Checkpoints
import ImageProcessing
import Kernels
import Models
import Packs
import WireProtocol

/// A pack of random weights in the shape of a real model: for measuring, where weights do not matter and
/// downloads do.
///
/// The same shape, recipe and seed give the same bytes. It opens, serves and computes finite numbers like any
/// other pack; its answers mean nothing.
package struct SyntheticPack {
  package let shape: SyntheticShape
  package let recipe: Recipe
  package let seed: UInt64

  package init(shape: SyntheticShape, recipe: Recipe, seed: UInt64 = 1) {
    self.shape = shape
    self.recipe = recipe
    self.seed = seed
  }

  /// Writes the pack; seconds and the memory of the largest layer, whatever the model's size.
  package func write(to path: String) throws {
    var writer = PackedModelWriter()
    try writer.add(section: PackSection.name, shape.rawValue)
    try writer.add(section: PackSection.configuration, shape.configuration)
    try writer.add(section: PackSection.recipe, recipeRecord)
    switch shape.configuration {
    case .vit(let vit):
      try addScheme(layers: vit.layers, to: &writer)
      try writer.add(section: PackSection.preprocessing, Self.preprocessing(vit))
      var weights = SyntheticWeights(
        bits: recipe.weightBits, largest: vit.largestLayer, seed: seed, writer: writer)
      try weights.addViT(vit)
      try weights.writer.write(to: path)
    case .llama(let llama):
      try addScheme(layers: llama.layers, to: &writer)
      try addTokenizer(to: &writer)
      var weights = SyntheticWeights(
        bits: recipe.weightBits, largest: llama.largestLayer, seed: seed, writer: writer)
      try weights.addLlama(llama, draftHead: recipe.draftsHead(vocabulary: llama.vocabulary))
      try weights.writer.write(to: path)
    }
  }

  private func addScheme(layers: Int, to writer: inout PackedModelWriter) throws {
    let scheme = ModelScheme(attention: [AttentionScheme](repeating: AttentionScheme(), count: layers))
    try writer.add(section: PackSection.scheme, scheme)
  }

  private func addTokenizer(to writer: inout PackedModelWriter) throws {
    let tokenizer = ByteTokenizer.model
    try writer.add(section: PackSection.tokenizer, tokenizer.header)
    for tensor in tokenizer.tensors() {
      try writer.add(tensor: tensor.name, type: tensor.type, shape: tensor.shape, bytes: tensor.bytes)
    }
  }

  private var recipeRecord: RecipeRecord {
    RecipeRecord(
      name: recipe.rawValue, calibrationData: nil, calibrationItems: nil,
      calibrationDigest: nil, fallbackLayers: [],
      writer: "qpack \(Version.current), random weights of seed \(seed)")
  }

  /// The usual recipe of ImageNet models.
  private static func preprocessing(_ vit: ViTConfiguration) -> ImagePreprocessing {
    ImagePreprocessing(
      resize: .exact(height: vit.imageSize, width: vit.imageSize), mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225])
  }
}

extension SyntheticWeights {
  /// All tensors of a ViT; see ``ViTNames``.
  fileprivate mutating func addViT(_ c: ViTConfiguration) throws {
    try addStatic(ViTNames.patches, outputs: c.width, inputs: c.patchValues, eightBits: true)
    try addVector(ViTNames.classToken, [Float](repeating: 0.5, count: c.width))
    let positions = (0..<c.tokens * c.width).map { Float($0 * 37 % 101 - 50) / 100 }
    try addVector(ViTNames.positions, positions, shape: [c.tokens, c.width])
    for layer in 0..<c.layers {
      try addNorm(ViTNames.attentionNorm(layer), width: c.width)
      try addStatic(ViTNames.queryKeyValue(layer), outputs: 3 * c.width, inputs: c.width)
      try addStatic(ViTNames.attentionOutput(layer), outputs: c.width, inputs: c.width)
      try addNorm(ViTNames.feedForwardNorm(layer), width: c.width)
      try addStatic(ViTNames.up(layer), outputs: c.hidden, inputs: c.width)
      try addStatic(ViTNames.down(layer), outputs: c.width, inputs: c.hidden)
    }
    try addNorm(ViTNames.finalNorm, width: c.width)
    try addStatic(ViTNames.head, outputs: c.classes, inputs: c.width, eightBits: true)
  }

  /// All tensors of a Llama with tied embeddings; see ``LlamaNames``.
  fileprivate mutating func addLlama(_ c: LlamaConfiguration, draftHead: Bool) throws {
    try addLayer(LlamaNames.embedding, outputs: c.vocabulary, inputs: c.width, eightBits: true)
    for layer in 0..<c.layers {
      try addVector(LlamaNames.attentionNorm(layer), [Float](repeating: 1, count: c.width))
      try addLayer(LlamaNames.queryKeyValue(layer), outputs: c.queryKeyValueWidth, inputs: c.width)
      try addLayer(LlamaNames.attentionOutput(layer), outputs: c.width, inputs: c.heads * c.headSize)
      try addVector(LlamaNames.feedForwardNorm(layer), [Float](repeating: 1, count: c.width))
      try addLayer(LlamaNames.gateUp(layer), outputs: 2 * c.hidden, inputs: c.width)
      try addLayer(LlamaNames.down(layer), outputs: c.width, inputs: c.hidden)
    }
    try addVector(LlamaNames.finalNorm, [Float](repeating: 1, count: c.width))
    if draftHead { try addLayer(LlamaNames.draftHead, outputs: c.vocabulary, inputs: c.width) }
  }

  /// A layer whose input is quantized with a fixed scale: ±4 around 0, what a norm's output of variance 1
  /// fills.
  private mutating func addStatic(
    _ name: String, outputs: Int, inputs: Int, eightBits: Bool = false
  ) throws {
    try addLayer(name, outputs: outputs, inputs: inputs, bias: true, eightBits: eightBits)
    try addVector(name + ".activation", [8.0 / 255, 128])
  }

  private mutating func addNorm(_ name: String, width: Int) throws {
    try addVector(name + ".weight", [Float](repeating: 1, count: width))
    try addVector(name + ".bias", [Float](repeating: 0, count: width))
  }
}

extension ViTConfiguration {
  /// Weights of the largest layer, channels padded to a block.
  fileprivate var largestLayer: Int {
    [hidden * width, 3 * width * width, (classes + 15) / 16 * 16 * width, width * patchValues].reduce(0, max)
  }
}

extension LlamaConfiguration {
  fileprivate var largestLayer: Int {
    max(vocabulary * width, 2 * hidden * width, queryKeyValueWidth * width)
  }
}
