import ImageProcessing
import Kernels
import Models
import Packs
import Tokenizers

extension TinyPack {
  package static let vitConfiguration = ViTConfiguration(
    imageSize: 8, patchSize: 4, channels: 3, width: 32, layers: 2, heads: 4, hidden: 48, classes: 5,
    layerNormEpsilon: 1e-5, queryKeyValueBias: true)

  package static let llamaConfiguration = LlamaConfiguration(
    width: 32, hidden: 48, layers: 2, heads: 4, keyValueHeads: 2, headSize: 8, vocabulary: 259, context: 128,
    ropeTheta: 10_000, rmsNormEpsilon: 1e-5, tiedEmbeddings: true, beginToken: 257, endTokens: [258])

  /// A classifier of 8×8 or other images: two layers of width 32.
  package static func vit(seed: UInt64 = 1, bits: Int = 8, imageSize: Int? = nil) throws -> TinyPack {
    var c = vitConfiguration
    c.imageSize = imageSize ?? c.imageSize
    var pack = TinyPack(seed: seed)
    pack.addStatic(ViTNames.patches, outputs: c.width, inputs: c.patchValues)
    pack.addFloats(ViTNames.classToken, [c.width])
    pack.addFloats(ViTNames.positions, [c.tokens, c.width])
    for layer in 0..<c.layers {
      pack.addNorm(ViTNames.attentionNorm(layer), c.width)
      pack.addStatic(ViTNames.queryKeyValue(layer), outputs: 3 * c.width, inputs: c.width, bits: bits)
      pack.addStatic(ViTNames.attentionOutput(layer), outputs: c.width, inputs: c.width, bits: bits)
      pack.addNorm(ViTNames.feedForwardNorm(layer), c.width)
      pack.addStatic(ViTNames.up(layer), outputs: c.hidden, inputs: c.width, bits: bits)
      pack.addStatic(ViTNames.down(layer), outputs: c.width, inputs: c.hidden, bits: bits)
    }
    pack.addNorm(ViTNames.finalNorm, c.width)
    pack.addStatic(ViTNames.head, outputs: c.classes, inputs: c.width)
    try pack.set(PackSection.configuration, ModelConfiguration.vit(c))
    try pack.setCommon(layers: c.layers)
    try pack.set(PackSection.labels, ["a", "b", "c", "d", "e"])
    try pack.set(
      PackSection.preprocessing, ImagePreprocessing(resize: .exact(height: c.imageSize, width: c.imageSize)))
    return pack
  }

  /// A decoder over bytes: two layers of width 32, token 257 begins and 258 ends a text.
  package static func llama(
    seed: UInt64 = 1, bits: Int = 8, context: Int? = nil, draftHead: Bool = false
  ) throws -> TinyPack {
    var c = llamaConfiguration
    c.context = context ?? c.context
    var pack = TinyPack(seed: seed)
    pack.addLinear(LlamaNames.embedding, outputs: c.vocabulary, inputs: c.width)
    for layer in 0..<c.layers {
      pack.addFloats(LlamaNames.attentionNorm(layer), [c.width], in: 0.5...1.5)
      pack.addLinear(
        LlamaNames.queryKeyValue(layer), outputs: c.queryKeyValueWidth, inputs: c.width, bits: bits)
      pack.addLinear(LlamaNames.attentionOutput(layer), outputs: c.width, inputs: c.width, bits: bits)
      pack.addFloats(LlamaNames.feedForwardNorm(layer), [c.width], in: 0.5...1.5)
      pack.addLinear(LlamaNames.gateUp(layer), outputs: 2 * c.hidden, inputs: c.width, bits: bits)
      pack.addLinear(LlamaNames.down(layer), outputs: c.width, inputs: c.hidden, bits: bits)
    }
    pack.addFloats(LlamaNames.finalNorm, [c.width], in: 0.5...1.5)
    if draftHead { pack.addLinear(LlamaNames.draftHead, outputs: c.vocabulary, inputs: c.width, bits: 4) }
    let tokenizer = byteTokenizer()
    for tensor in tokenizer.tensors() {
      pack.tensors.append(
        Tensor(name: tensor.name, type: tensor.type, shape: tensor.shape, bytes: tensor.bytes))
    }
    try pack.set(PackSection.configuration, ModelConfiguration.llama(c))
    try pack.setCommon(layers: c.layers)
    try pack.set(PackSection.tokenizer, tokenizer.header)
    try pack.set(PackSection.generation, GenerationDefaults(temperature: 0.8, topK: 40, topP: 0.9))
    return pack
  }

  private static func byteTokenizer() -> TokenizerModel {
    let pieces = (0..<256).map { [UInt8($0)] } + ["<pad>", "<s>", "</s>"].map { Array($0.utf8) }
    let types =
      Array(repeating: TokenizerModel.PieceType.normal, count: 256) + [.control, .control, .control]
    let header = TokenizerHeader(
      kind: .byteLevelBPE, wordSplit: .gpt2, addsBeginToken: true, begin: TokenID(257), end: TokenID(258))
    return TokenizerModel(header: header, pieces: pieces, types: types, merging: .ranked([]))
  }

  private mutating func setCommon(layers: Int) throws {
    try set(PackSection.name, "tiny")
    try set(PackSection.scheme, ModelScheme(attention: Array(repeating: AttentionScheme(), count: layers)))
    try set(
      PackSection.recipe,
      RecipeRecord(
        name: "w8a8", calibrationData: nil, calibrationItems: nil, calibrationDigest: nil, fallbackLayers: [],
        writer: "tests"))
  }

  private mutating func addNorm(_ name: String, _ width: Int) {
    addFloats(name + ".weight", [width], in: 0.5...1.5)
    addFloats(name + ".bias", [width])
  }

  private mutating func addStatic(_ name: String, outputs: Int, inputs: Int, bits: Int = 8) {
    addLinear(name, outputs: outputs, inputs: inputs, bits: bits)
    addFloats(name + ".bias", [outputs])
    add(name + ".activation", floats: [0.03, 120])
  }
}
