import Architectures
import FoundationEssentials
import Testing

/// Texts as the packs of format 1 hold them: they must be read, and written again without a change.
@Suite("Stored configurations and schemes")
struct StorageTests {
  static let configurations = [
    """
    {"architecture":"llama","beginToken":0,"context":512,"endTokens":[0,1],"headSize":64,"heads":4,"hidden":704,\
    "keyValueHeads":2,"layers":8,"rmsNormEpsilon":1e-05,"ropeTheta":10000,"tiedEmbeddings":true,\
    "vocabulary":4096,"width":256}
    """,
    """
    {"architecture":"llama","context":131072,"endTokens":[],"headSize":64,"heads":32,"hidden":8192,\
    "keyValueHeads":8,"layers":16,"rmsNormEpsilon":1e-05,"ropeScaling":{"factor":32,"highFrequencyFactor":4,\
    "lowFrequencyFactor":1,"originalContext":8192},"ropeTheta":500000,"tiedEmbeddings":false,\
    "vocabulary":128256,"width":2048}
    """,
    """
    {"architecture":"vit","channels":3,"classes":10,"heads":3,"hidden":576,"imageSize":32,\
    "layerNormEpsilon":1e-05,"layers":6,"patchSize":4,"queryKeyValueBias":true,"width":192}
    """,
  ]

  @Test("a configuration keeps its bytes", arguments: configurations)
  func configuration(text: String) throws {
    let configuration = try decode(ModelConfiguration.self, text)
    try configuration.validate()
    #expect(try encode(configuration) == text)
  }

  static let attention = """
    "attention":[{"keyBits":4,"probabilities":"log64","queryBits":8,"valueBits":4}]
    """

  @Test(
    "a scheme keeps its bytes, with weight formats and without",
    arguments: ["{\(attention)}", "{\(attention),\"weights\":{\"head\":\"int8\",\"layers.0.up\":\"int4\"}}"])
  func scheme(text: String) throws {
    #expect(try encode(decode(ModelScheme.self, text)) == text)
  }

  @Test("a weight format that is none names those that are")
  func unknownFormat() {
    #expect {
      try decode(ModelScheme.self, "{\(Self.attention),\"weights\":{\"head\":\"int3\"}}")
    } throws: { error in
      "\(error)".contains("'int3' is none of int8, int4")
    }
  }

  @Test("features that differ from the usual ones are stored and read again")
  func features() throws {
    var decoder = Samples.decoder
    (decoder.norm, decoder.feedForward, decoder.rotary) = (.layer, .gelu, .interleaved)
    (decoder.queryKeyValueBias, decoder.queryKeyNorm) = (true, .perHead)
    (decoder.attentionOutputBias, decoder.feedForwardBias, decoder.branchNorms) = (true, true, .both)
    (decoder.rotaryChannels, decoder.rotaryLayers, decoder.localRopeTheta) = (4, [.local, .none], 1e4)
    (decoder.windows, decoder.attentionScale, decoder.attentionSoftCap) = ([16, nil], 0.25, 50)
    (decoder.embeddingScale, decoder.residualScale, decoder.logitScale) = (12, 0.22, 0.125)
    (decoder.logitSoftCap, decoder.downHadamard, decoder.headMatrix) = (30, 8, true)
    var vision = Samples.vision
    (vision.norm, vision.normPlacement, vision.feedForward) = (.rms, .after, .gatedSiLU)
    (vision.classToken, vision.pooling) = (false, .mean)
    for configuration in [ModelConfiguration.decoder(decoder), .vision(vision)] {
      #expect(try decode(ModelConfiguration.self, encode(configuration)) == configuration)
    }
    let window = AttentionScheme(window: 512)
    #expect(try decode(AttentionScheme.self, encode(window)) == window)
    let token = AttentionScheme(valueScale: .token, probabilities: .log64)
    #expect(try decode(AttentionScheme.self, encode(token)) == token)
  }

  @Test("the short form of a scheme is read again, and nothing else is")
  func names() {
    for scheme in [
      AttentionScheme(), .init(queryBits: 4, keyBits: 8, probabilities: .u8),
      .init(keyBits: 8, valueScale: .token, probabilities: .log64),
    ] {
      #expect(AttentionScheme(name: scheme.name) == scheme)
    }
    #expect(AttentionScheme(valueScale: .token, probabilities: .log64).name == "q8k4v4t-log64")
    for text in [
      "", "q8k4v4", "q8k4v4-", "q8k4v4-log3", "q8k4v4tt-log2", "q8v4k4-log2", "q88k4v4-log2", "qkv-u8", "-",
    ] {
      #expect(AttentionScheme(name: text) == nil, "\(text)")
    }
  }

  @Test(
    "each rule of rotary frequencies is stored and read again",
    arguments: [
      RopeRule.linear(factor: 4),
      .yarn(
        .init(
          factor: 4, fastTurns: 32, slowTurns: 1, originalContext: 64, magnitude: 1.1, wholePairs: true)),
      .longRope(
        .init(shortFactors: [1, 2], longFactors: [3, 4], originalContext: 64, magnitude: 1.2)),
    ])
  func ropeRule(rule: RopeRule) throws {
    #expect(try decode(RopeRule.self, encode(rule)) == rule)
  }

  @Test("another family's name is refused with the names that are known")
  func unknown() {
    #expect {
      try decode(ModelConfiguration.self, "{\"architecture\":\"mamba\"}")
    } throws: { error in
      "\(error)".contains("'mamba' is none of gemma,")
    }
  }

  @Test("a feature that no version knows is refused, and null is none")
  func badFeature() {
    for value in ["\"batch\"", "null", "1"] {
      let text = Self.configurations[0].replacing("\"layers\"", with: "\"norm\":\(value),\"layers\"")
      #expect(throws: DecodingError.self) { try decode(ModelConfiguration.self, text) }
    }
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }

  private func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
