import Architectures
import Testing

@Suite("Validation of configurations and schemes")
struct ValidationTests {
  struct Bad<Configuration: Sendable>: Sendable, CustomStringConvertible {
    let field: String
    let change: @Sendable (inout Configuration) -> Void
    var description: String { field }

    init(_ field: String, _ change: @escaping @Sendable (inout Configuration) -> Void) {
      (self.field, self.change) = (field, change)
    }
  }

  static let badVision: [Bad<VisionConfiguration>] = [
    Bad("image_size") { $0.imageSize = 0 }, Bad("image_size") { $0.imageSize = -4 },
    Bad("image_size") { $0.imageSize = .max }, Bad("image_size") { $0.imageSize = 9 },
    Bad("patch_size") { $0.patchSize = 0 }, Bad("patch_size") { $0.patchSize = 16 },
    Bad("num_channels") { $0.channels = 0 }, Bad("num_channels") { $0.channels = .max },
    Bad("num_channels") { $0.channels = 1 },
    Bad("hidden_size") { $0.width = 0 }, Bad("hidden_size") { $0.width = 1 << 40 },
    Bad("hidden_size") { $0.width = 33 },
    Bad("num_hidden_layers") { $0.layers = 0 }, Bad("num_hidden_layers") { $0.layers = .max },
    Bad("num_attention_heads") { $0.heads = 0 }, Bad("num_attention_heads") { $0.heads = -1 },
    Bad("head size") { $0.heads = 16 }, Bad("head size") { $0.width = 24 },
    Bad("intermediate_size") { $0.hidden = 0 }, Bad("num_labels") { $0.classes = 0 },
    Bad("layer_norm_eps") { $0.normEpsilon = 0 }, Bad("layer_norm_eps") { $0.normEpsilon = .nan },
    Bad("layer_norm_eps") { $0.normEpsilon = .infinity },
    Bad("patches") { ($0.imageSize, $0.patchSize) = (4096, 1) },
    Bad("norm") { $0.norm = .rms }, Bad("norm_placement") { $0.normPlacement = .after },
    Bad("feed_forward") { $0.feedForward = .gatedSiLU }, Bad("class_token") { $0.classToken = false },
    Bad("pooling") { $0.pooling = .mean },
  ]

  static let badDecoders: [Bad<DecoderConfiguration>] = [
    Bad("hidden_size") { $0.width = 0 }, Bad("intermediate_size") { $0.hidden = -1 },
    Bad("num_hidden_layers") { $0.layers = 0 }, Bad("num_attention_heads") { $0.heads = 0 },
    Bad("num_key_value_heads") { $0.keyValueHeads = 0 }, Bad("num_key_value_heads") { $0.keyValueHeads = 8 },
    Bad("num_attention_heads") { $0.keyValueHeads = 3 }, Bad("head_dim") { $0.headSize = 2 },
    Bad("head_dim") { $0.headSize = 10 }, Bad("head_dim") { $0.headSize = .max },
    Bad("vocab_size") { $0.vocabulary = 0 }, Bad("max_position_embeddings") { $0.context = 0 },
    Bad("max_position_embeddings") { $0.context = .max },
    Bad("max_position_embeddings") { ($0.context, $0.headSize) = (1 << 18, 512) },
    Bad("rms_norm_eps") { $0.normEpsilon = -1 }, Bad("rope_theta") { $0.ropeTheta = 0 },
    Bad("rope_theta") { $0.ropeTheta = .nan }, Bad("eos_token_id") { $0.endTokens = [259] },
    Bad("eos_token_id") { $0.endTokens = [-1] }, Bad("bos_token_id") { $0.beginToken = 259 },
    Bad("rope_scaling.factor") { $0.ropeScaling = .init(0, 1, 4, 8192) },
    Bad("rope_scaling.low_freq_factor") { $0.ropeScaling = .init(8, 4, 1, 8192) },
    Bad("rope_scaling.high_freq_factor") { $0.ropeScaling = .init(8, 1, .nan, 8192) },
    Bad("rope_scaling.original_max_position_embeddings") { $0.ropeScaling = .init(8, 1, 4, 0) },
    Bad("norm") { $0.norm = .layer }, Bad("feed_forward") { $0.feedForward = .gelu },
    Bad("rotary") { $0.rotary = .interleaved },
    Bad("rope_scaling.factor") { $0.ropeScaling = .linear(factor: .infinity) },
    Bad("rope_scaling.attention_factor") { $0.ropeScaling = Self.yarn(magnitude: 0) },
    Bad("rope_scaling.beta_fast") { $0.ropeScaling = Self.yarn(fast: .nan) },
    Bad("rope_scaling.long_factor") { $0.ropeScaling = Self.longRope(long: 3) },
    Bad("rope_scaling.short_factor") {
      $0.rotaryChannels = 4
      $0.ropeScaling = Self.longRope(long: 2)
    },
    Bad("rotary channels") { $0.rotaryChannels = 5 }, Bad("rotary channels") { $0.rotaryChannels = 10 },
    Bad("rotary layers") { $0.rotaryLayers = [.usual, .none, .usual] },
    Bad("rope_local_base_freq") { $0.rotaryLayers = [.local] },
    Bad("rope_local_base_freq") { $0.localRopeTheta = -1 },
    Bad("windows") { $0.windows = [1, nil, 1] }, Bad("sliding_window") { $0.windows = [nil, 0] },
    Bad("embedding scale") { $0.embeddingScale = .nan }, Bad("residual_multiplier") { $0.residualScale = 0 },
    Bad("logit scale") { $0.logitScale = .infinity }, Bad("attention scale") { $0.attentionScale = 1e-7 },
    Bad("attn_logit_softcapping") { $0.attentionSoftCap = 0 },
    Bad("final_logit_softcapping") { $0.logitSoftCap = .nan },
    Bad("down hadamard") { $0.downHadamard = 0 }, Bad("down hadamard") { $0.downHadamard = -2 },
    Bad("down hadamard") { ($0.downHadamard, $0.hidden) = (3, 96) },
    Bad("down hadamard") { ($0.downHadamard, $0.hidden) = (128, 2048) },
    Bad("down hadamard") { $0.downHadamard = .min }, Bad("intermediate_size") { $0.downHadamard = 2 },
  ]

  private static func yarn(fast: Double = 32, magnitude: Double = 1) -> RopeRule {
    .yarn(
      .init(
        factor: 4, fastTurns: fast, slowTurns: 1, originalContext: 64, magnitude: magnitude,
        wholePairs: true))
  }

  private static func longRope(long: Int) -> RopeRule {
    .longRope(
      .init(
        shortFactors: [1, 1, 1, 1], longFactors: [Double](repeating: 2, count: long), originalContext: 64,
        magnitude: 1))
  }

  @Test("a ViT with a bad number or feature is refused by its name", arguments: badVision)
  func vision(bad: Bad<VisionConfiguration>) {
    var c = Samples.vision
    bad.change(&c)
    expectRefusal(of: .vision(c), naming: bad.field)
  }

  @Test("a decoder with a bad number or feature is refused by its name", arguments: badDecoders)
  func decoder(bad: Bad<DecoderConfiguration>) {
    var c = Samples.decoder
    bad.change(&c)
    expectRefusal(of: .decoder(c), naming: bad.field)
  }

  @Test("sound configurations are accepted")
  func good() throws {
    try ModelConfiguration.vision(Samples.vision).validate()
    try ModelConfiguration.decoder(Samples.decoder).validate()
    var scaled = Samples.decoder
    scaled.ropeScaling = .init(8, 1, 4, 8192)
    (scaled.context, scaled.headSize) = (131_072, 128)
    try ModelConfiguration.decoder(scaled).validate()
    for (mixed, hidden) in [(2, 96), (64, 1024)] {
      (scaled.downHadamard, scaled.hidden) = (mixed, hidden)
      try ModelConfiguration.decoder(scaled).validate()
    }
  }

  @Test("a scheme with the wrong number of layers, bits or an empty window is refused")
  func scheme() {
    let good = AttentionScheme()
    expectRefusal(of: [good], naming: "scheme.attention")
    for (bad, field) in [
      (AttentionScheme(queryBits: 3), "layer 1 qk.query"), (AttentionScheme(keyBits: 0), "layer 1 kv.k"),
      (AttentionScheme(valueBits: 16), "layer 1 kv.v"), (AttentionScheme(keyBits: 6), "layer 1 kv.k"),
      (AttentionScheme(queryBits: 5), "layer 1 qk.query"), (AttentionScheme(valueBits: 1), "layer 1 kv.v"),
      (AttentionScheme(window: 0), "layer 1 window"),
      (AttentionScheme(window: -4096), "layer 1 window"),
      (AttentionScheme(valueScale: .token, probabilities: .log2), "layer 1 valueScale"),
      (AttentionScheme(valueScale: .token, probabilities: .u8), "layer 1 valueScale"),
    ] {
      expectRefusal(of: [good, bad], naming: field)
    }
  }

  @Test("a window is accepted for a decoder's layer and refused for an image's")
  func windows() throws {
    try ModelScheme(attention: [AttentionScheme(window: 1), AttentionScheme()], weights: Self.formats)
      .validate(for: .decoder(Samples.decoder))
    let attention = [AttentionScheme](repeating: AttentionScheme(window: 4096), count: Samples.vision.layers)
    let error = #expect(throws: ArchitectureError.self) {
      try ModelScheme(attention: attention, weights: [:]).validate(for: .vision(Samples.vision))
    }
    #expect(error?.field == "layer 0 window")
  }

  @Test(
    "codes that only pages hold are accepted for a decoder's layer and refused for an image's",
    arguments: [
      (AttentionScheme(valueScale: .token, probabilities: .log64), "valueScale"),
      (AttentionScheme(keyBits: 5), "kv.k"), (AttentionScheme(valueBits: 3), "kv.v"),
      (AttentionScheme(keyBits: 2, valueBits: 2), "kv.k"),
    ])
  func pageSchemes(scheme: AttentionScheme, field: String) throws {
    try ModelScheme(attention: [scheme, AttentionScheme()], weights: Self.formats)
      .validate(for: .decoder(Samples.decoder))
    let attention = [AttentionScheme](repeating: scheme, count: Samples.vision.layers)
    let error = #expect(throws: ArchitectureError.self) {
      try ModelScheme(attention: attention, weights: [:]).validate(for: .vision(Samples.vision))
    }
    #expect(error?.field == "layer 0 \(field)")
  }

  @Test("a scheme records the weight format of each matrix, and of nothing else")
  func weightFormats() throws {
    let attention = [AttentionScheme(), AttentionScheme()]
    try ModelScheme(attention: attention, weights: Self.formats).validate(for: .decoder(Samples.decoder))
    var drafted = Self.formats
    drafted["draft_head"] = .int4
    try ModelScheme(attention: attention, weights: drafted).validate(for: .decoder(Samples.decoder))
    var (lacking, strange) = (Self.formats, Self.formats)
    lacking["layers.1.down"] = nil
    strange["layers.2.down"] = .int8
    expectRefusal(of: attention, lacking, naming: "scheme.weights.layers.1.down")
    expectRefusal(of: attention, strange, naming: "scheme.weights")
  }

  private static let formats = Dictionary(
    uniqueKeysWithValues: Samples.decoder.tensorTable.matrices.filter { $0.role != .draftHead }
      .map { ($0.name, WeightFormat.int8) })

  private func expectRefusal(
    of attention: [AttentionScheme], _ weights: [String: WeightFormat] = formats, naming field: String
  ) {
    let scheme = ModelScheme(attention: attention, weights: weights)
    let error = #expect(throws: ArchitectureError.self) {
      try scheme.validate(for: .decoder(Samples.decoder))
    }
    #expect(error?.field == field)
  }

  private func expectRefusal(of configuration: ModelConfiguration, naming field: String) {
    do throws(ArchitectureError) {
      try configuration.validate()
      Issue.record("\(field) was accepted")
    } catch {
      #expect(error.field == field)
      #expect(error.description.contains(field) && error.description.hasSuffix("Import the model again."))
    }
  }
}

extension RopeRule {
  fileprivate init(_ factor: Double, _ low: Double, _ high: Double, _ context: Int) {
    self = .llama3(
      .init(factor: factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContext: context))
  }
}
