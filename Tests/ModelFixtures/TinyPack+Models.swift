import Architectures
import ImageProcessing
import Kernels
import Packs
import Tokenizers
import Vocabulary

extension TinyPack {
  package static let vitConfiguration = VisionConfiguration(
    imageSize: 8, patchSize: 4, channels: 3, width: 32, layers: 2, heads: 4, hidden: 48, classes: 5,
    normEpsilon: 1e-5, queryKeyValueBias: true)

  package static let llamaConfiguration = DecoderConfiguration(
    width: 32, hidden: 48, layers: 2, heads: 4, keyValueHeads: 2, headSize: 8, vocabulary: 259, context: 128,
    ropeTheta: 10_000, normEpsilon: 1e-5, tiedEmbeddings: true, beginToken: 257, endTokens: [258])

  /// A classifier of 8×8 or other images: two layers of width 32.
  package static func vit(seed: UInt64 = 1, bits: Int = 8, imageSize: Int? = nil) throws -> TinyPack {
    var c = vitConfiguration
    c.imageSize = imageSize ?? c.imageSize
    var pack = TinyPack(seed: seed)
    let format: WeightFormat = bits == 8 ? .int8 : .int4
    for row in c.tensorTable.rows { pack.add(row, format) }
    try pack.set(PackSection.configuration, ModelConfiguration.vision(c))
    try pack.setCommon(layers: c.layers)
    try pack.set(PackSection.labels, ["a", "b", "c", "d", "e"])
    try pack.set(
      PackSection.preprocessing, ImagePreprocessing(resize: .exact(height: c.imageSize, width: c.imageSize)))
    return pack
  }

  /// A decoder over bytes: two layers of width 32, token 257 begins and 258 ends a text.
  ///
  /// - Parameters:
  ///   - structure: Further tokens of structure, from 259.
  ///   - ending: Further tokens that end a text.
  ///   - change: What else is different.
  package static func llama(
    seed: UInt64 = 1, bits: Int = 8, context: Int? = nil, hidden: Int? = nil, draftHead: Bool = false,
    structure: [String] = [], ending: [Int] = [], change: (inout DecoderConfiguration) -> Void = { _ in }
  ) throws -> TinyPack {
    var c = llamaConfiguration
    c.vocabulary += structure.count
    c.endTokens += ending
    c.context = context ?? c.context
    c.hidden = hidden ?? c.hidden
    change(&c)
    var pack = TinyPack(seed: seed)
    let format: WeightFormat = bits == 8 ? .int8 : .int4
    for row in c.tensorTable.rows where draftHead || row.role != .draftHead { pack.add(row, format) }
    let tokenizer = byteTokenizer(structure)
    for tensor in tokenizer.tensors() {
      pack.tensors.append(
        Tensor(name: tensor.name, type: tensor.type, shape: tensor.shape, bytes: tensor.bytes))
    }
    try pack.set(PackSection.configuration, ModelConfiguration.decoder(c))
    try pack.setCommon(layers: c.layers)
    try pack.set(PackSection.tokenizer, tokenizer.header)
    try pack.set(PackSection.generation, GenerationDefaults(temperature: 0.8, topK: 40, topP: 0.9))
    return pack
  }

  /// A decoder as it is after rotations were folded into its weights: inputs of `down` are mixed, and a matrix stands
  /// before the head.
  package static func rotatedLlama(
    bits: Int = 8, context: Int? = nil, draftHead: Bool = false
  ) throws -> TinyPack {
    try llama(seed: 9, bits: bits, context: context, hidden: 256, draftHead: draftHead) {
      ($0.downHadamard, $0.headMatrix) = (8, true)
    }
  }

  private static func byteTokenizer(_ structure: [String]) -> TokenizerModel {
    let special = ["<pad>", "<s>", "</s>"] + structure
    let pieces = (0..<256).map { [UInt8($0)] } + special.map { Array($0.utf8) }
    let types =
      Array(repeating: TokenizerModel.PieceType.normal, count: 256) + special.map { _ in .control }
    let header = TokenizerHeader(
      kind: .byteLevelBPE, wordSplit: .gpt2, addsBeginToken: true, begin: TokenID(257), end: TokenID(258))
    return TokenizerModel(header: header, pieces: pieces, types: types, merging: .ranked([]))
  }

  private mutating func setCommon(layers: Int) throws {
    try set(PackSection.name, "tiny")
    try set(
      PackSection.scheme,
      ModelScheme(attention: Array(repeating: AttentionScheme(), count: layers), weights: formats))
    try set(
      PackSection.recipe,
      RecipeRecord(
        name: "w8a8", calibrationData: nil, calibrationItems: nil, calibrationDigest: nil, fallbackLayers: [],
        writer: "tests"))
  }

  /// The tensors of a row; a matrix in `format` where a recipe would decide.
  private mutating func add(_ row: TensorRow, _ format: WeightFormat) {
    switch row.kind {
    case .matrix(let outputs, let inputs, let precision):
      let format = precision == .recipe ? format : precision == .draft ? .int4 : .int8
      addLinear(row.name, outputs: outputs, inputs: inputs, as: format)
      formats[row.name] = format
      if row.hasStoredBias { addFloats(row.biasName, [outputs]) }
      if row.hasStaticInput { add(row.activationName, floats: [0.03, 120]) }
    case .norm:
      for (index, part) in row.floats.enumerated() {
        addFloats(part.name, part.shape, in: index == 0 ? 0.5...1.5 : -0.5...0.5)
      }
    case .vector(let shape): addFloats(row.name, shape)
    }
  }
}
