import Kernels
import ModelFixtures
import Models
import Testing

@Suite("Model configuration")
struct ModelConfigurationTests {
  struct Bad<Configuration: Sendable>: Sendable, CustomStringConvertible {
    let field: String
    let change: @Sendable (inout Configuration) -> Void
    var description: String { field }

    init(_ field: String, _ change: @escaping @Sendable (inout Configuration) -> Void) {
      (self.field, self.change) = (field, change)
    }
  }

  static let badViTs: [Bad<ViTConfiguration>] = [
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
    Bad("layer_norm_eps") { $0.layerNormEpsilon = 0 }, Bad("layer_norm_eps") { $0.layerNormEpsilon = .nan },
    Bad("layer_norm_eps") { $0.layerNormEpsilon = .infinity },
    Bad("patches") { ($0.imageSize, $0.patchSize) = (4096, 1) },
  ]

  static let badLlamas: [Bad<LlamaConfiguration>] = [
    Bad("hidden_size") { $0.width = 0 }, Bad("intermediate_size") { $0.hidden = -1 },
    Bad("num_hidden_layers") { $0.layers = 0 }, Bad("num_attention_heads") { $0.heads = 0 },
    Bad("num_key_value_heads") { $0.keyValueHeads = 0 }, Bad("num_key_value_heads") { $0.keyValueHeads = 8 },
    Bad("num_attention_heads") { $0.keyValueHeads = 3 }, Bad("head_dim") { $0.headSize = 2 },
    Bad("head_dim") { $0.headSize = 10 }, Bad("head_dim") { $0.headSize = .max },
    Bad("vocab_size") { $0.vocabulary = 0 }, Bad("max_position_embeddings") { $0.context = 0 },
    Bad("max_position_embeddings") { $0.context = .max },
    Bad("max_position_embeddings") { ($0.context, $0.headSize) = (1 << 18, 512) },
    Bad("rms_norm_eps") { $0.rmsNormEpsilon = -1 }, Bad("rope_theta") { $0.ropeTheta = 0 },
    Bad("rope_theta") { $0.ropeTheta = .nan }, Bad("eos_token_id") { $0.endTokens = [259] },
    Bad("eos_token_id") { $0.endTokens = [-1] }, Bad("bos_token_id") { $0.beginToken = 259 },
    Bad("rope_scaling.factor") { $0.ropeScaling = .init(0, 1, 4, 8192) },
    Bad("rope_scaling.low_freq_factor") { $0.ropeScaling = .init(8, 4, 1, 8192) },
    Bad("rope_scaling.high_freq_factor") { $0.ropeScaling = .init(8, 1, .nan, 8192) },
    Bad("rope_scaling.original_max_position_embeddings") { $0.ropeScaling = .init(8, 1, 4, 0) },
  ]

  @Test("of a ViT with a bad number is refused by the number's name", arguments: badViTs)
  func badViT(bad: Bad<ViTConfiguration>) {
    var c = TinyPack.vitConfiguration
    bad.change(&c)
    expectRefusal(of: .vit(c), naming: bad.field)
  }

  @Test("of a Llama with a bad number is refused by the number's name", arguments: badLlamas)
  func badLlama(bad: Bad<LlamaConfiguration>) {
    var c = TinyPack.llamaConfiguration
    bad.change(&c)
    expectRefusal(of: .llama(c), naming: bad.field)
  }

  @Test("of every model that the tests use is accepted")
  func good() throws {
    try ModelConfiguration.vit(TinyPack.vitConfiguration).validate()
    try ModelConfiguration.llama(TinyPack.llamaConfiguration).validate()
    var scaled = TinyPack.llamaConfiguration
    scaled.ropeScaling = .init(8, 1, 4, 8192)
    (scaled.context, scaled.headSize) = (131_072, 128)
    try ModelConfiguration.llama(scaled).validate()
  }

  @Test("refuses a scheme with the wrong number of layers or bits")
  func scheme() {
    let good = AttentionScheme()
    #expect(throws: ModelError.self) { try ModelScheme(attention: [good]).validate(layers: 2) }
    for bad in [AttentionScheme(queryBits: 3), AttentionScheme(keyBits: 0), AttentionScheme(valueBits: 16)] {
      #expect(throws: ModelError.self) { try ModelScheme(attention: [good, bad]).validate(layers: 2) }
    }
  }

  private func expectRefusal(of configuration: ModelConfiguration, naming field: String) {
    do throws(ModelError) {
      try configuration.validate()
      Issue.record("\(field) was accepted")
    } catch {
      guard case .configuration(let found, _, _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(found == field)
      #expect(error.description.contains(field) && error.description.hasSuffix("Import the model again."))
    }
  }
}

extension LlamaConfiguration.RopeScaling {
  fileprivate init(_ factor: Double, _ low: Double, _ high: Double, _ context: Int) {
    self.init(factor: factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContext: context)
  }
}
