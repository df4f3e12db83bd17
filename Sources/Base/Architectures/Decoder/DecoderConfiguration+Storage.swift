extension DecoderConfiguration {
  private enum CodingKeys: String, CodingKey {
    case width, hidden, layers, heads, keyValueHeads, headSize, vocabulary, context, ropeTheta, ropeScaling
    case rotary, norm, feedForward, queryKeyValueBias, queryKeyNorm, tiedEmbeddings, beginToken, endTokens
    case rotaryChannels, rotaryLayers, localRopeTheta, windows, branchNorms
    case attentionOutputBias, feedForwardBias
    case embeddingScale, residualScale, logitScale, attentionScale, attentionSoftCap, logitSoftCap
    case downHadamard, headMatrix
    case normEpsilon = "rmsNormEpsilon"
  }

  /// Reads the fields beside `architecture`.
  init(_ family: DecoderFamily, from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      family: family, width: try fields.decode(Int.self, forKey: .width),
      hidden: try fields.decode(Int.self, forKey: .hidden),
      layers: try fields.decode(Int.self, forKey: .layers),
      heads: try fields.decode(Int.self, forKey: .heads),
      keyValueHeads: try fields.decode(Int.self, forKey: .keyValueHeads),
      headSize: try fields.decode(Int.self, forKey: .headSize),
      vocabulary: try fields.decode(Int.self, forKey: .vocabulary),
      context: try fields.decode(Int.self, forKey: .context),
      ropeTheta: try fields.decode(Double.self, forKey: .ropeTheta),
      ropeScaling: try fields.decodeIfPresent(RopeRule.self, forKey: .ropeScaling),
      normEpsilon: try fields.decode(Float.self, forKey: .normEpsilon),
      queryKeyValueBias: try fields.decode(false, unlessStoredFor: .queryKeyValueBias),
      tiedEmbeddings: try fields.decode(Bool.self, forKey: .tiedEmbeddings),
      beginToken: try fields.decodeIfPresent(Int.self, forKey: .beginToken),
      endTokens: try fields.decode([Int].self, forKey: .endTokens))
    rotary = try fields.decode(.rotateHalf, unlessStoredFor: .rotary)
    norm = try fields.decode(.rms, unlessStoredFor: .norm)
    feedForward = try fields.decode(.gatedSiLU, unlessStoredFor: .feedForward)
    try decodeFeatures(fields)
  }

  private mutating func decodeFeatures(_ fields: KeyedDecodingContainer<CodingKeys>) throws {
    queryKeyNorm = try fields.decode(.none, unlessStoredFor: .queryKeyNorm)
    rotaryChannels = try fields.decodeIfPresent(Int.self, forKey: .rotaryChannels)
    rotaryLayers = try fields.decode([], unlessStoredFor: .rotaryLayers)
    localRopeTheta = try fields.decodeIfPresent(Double.self, forKey: .localRopeTheta)
    windows = try fields.decode([], unlessStoredFor: .windows)
    branchNorms = try fields.decode(.input, unlessStoredFor: .branchNorms)
    attentionOutputBias = try fields.decode(false, unlessStoredFor: .attentionOutputBias)
    feedForwardBias = try fields.decode(false, unlessStoredFor: .feedForwardBias)
    embeddingScale = try fields.decode(1, unlessStoredFor: .embeddingScale)
    residualScale = try fields.decode(1, unlessStoredFor: .residualScale)
    logitScale = try fields.decode(1, unlessStoredFor: .logitScale)
    attentionScale = try fields.decodeIfPresent(Float.self, forKey: .attentionScale)
    attentionSoftCap = try fields.decodeIfPresent(Float.self, forKey: .attentionSoftCap)
    logitSoftCap = try fields.decodeIfPresent(Float.self, forKey: .logitSoftCap)
    downHadamard = try fields.decode(1, unlessStoredFor: .downHadamard)
    headMatrix = try fields.decode(false, unlessStoredFor: .headMatrix)
  }

  /// Writes the fields beside `architecture`.
  func encodeFields(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(width, forKey: .width)
    try fields.encode(hidden, forKey: .hidden)
    try fields.encode(layers, forKey: .layers)
    try fields.encode(heads, forKey: .heads)
    try fields.encode(keyValueHeads, forKey: .keyValueHeads)
    try fields.encode(headSize, forKey: .headSize)
    try fields.encode(vocabulary, forKey: .vocabulary)
    try fields.encode(context, forKey: .context)
    try fields.encode(ropeTheta, forKey: .ropeTheta)
    try fields.encodeIfPresent(ropeScaling, forKey: .ropeScaling)
    try fields.encode(normEpsilon, forKey: .normEpsilon)
    try fields.encode(tiedEmbeddings, forKey: .tiedEmbeddings)
    try fields.encodeIfPresent(beginToken, forKey: .beginToken)
    try fields.encode(endTokens, forKey: .endTokens)
    try fields.encode(rotary, unless: .rotateHalf, forKey: .rotary)
    try fields.encode(norm, unless: .rms, forKey: .norm)
    try fields.encode(feedForward, unless: .gatedSiLU, forKey: .feedForward)
    try fields.encode(queryKeyValueBias, unless: false, forKey: .queryKeyValueBias)
    try encodeFeatures(&fields)
  }

  private func encodeFeatures(_ fields: inout KeyedEncodingContainer<CodingKeys>) throws {
    try fields.encode(queryKeyNorm, unless: .none, forKey: .queryKeyNorm)
    try fields.encodeIfPresent(rotaryChannels, forKey: .rotaryChannels)
    try fields.encode(rotaryLayers, unless: [], forKey: .rotaryLayers)
    try fields.encodeIfPresent(localRopeTheta, forKey: .localRopeTheta)
    try fields.encode(windows, unless: [], forKey: .windows)
    try fields.encode(branchNorms, unless: .input, forKey: .branchNorms)
    try fields.encode(attentionOutputBias, unless: false, forKey: .attentionOutputBias)
    try fields.encode(feedForwardBias, unless: false, forKey: .feedForwardBias)
    try fields.encode(embeddingScale, unless: 1, forKey: .embeddingScale)
    try fields.encode(residualScale, unless: 1, forKey: .residualScale)
    try fields.encode(logitScale, unless: 1, forKey: .logitScale)
    try fields.encodeIfPresent(attentionScale, forKey: .attentionScale)
    try fields.encodeIfPresent(attentionSoftCap, forKey: .attentionSoftCap)
    try fields.encodeIfPresent(logitSoftCap, forKey: .logitSoftCap)
    try fields.encode(downHadamard, unless: 1, forKey: .downHadamard)
    try fields.encode(headMatrix, unless: false, forKey: .headMatrix)
  }
}
