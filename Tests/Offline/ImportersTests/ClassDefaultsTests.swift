import Architectures
import JSON
import TestSupport
import Testing

@testable import Importers

/// What a config.json leaves out has the default of its class in transformers, not one of ours.
@Suite("Defaults of Hugging Face classes")
struct ClassDefaultsTests {
  struct Case: Sendable, CustomStringConvertible {
    let name: String
    let config, values: JSONValue
    var description: String { name }
  }

  static let cases: [Case] = {
    guard let file = try? optionalFile("defaults.json", in: "\(Golden.folder)/Families"),
      let lines = try? JSONValue(parsing: file.contents()).members
    else { return [] }
    return lines.map {
      .init(name: $0.name, config: $0.value["config"] ?? .null, values: $0.value["values"] ?? .null)
    }
  }()

  @Test("every class is there, with nothing but sizes")
  func all() {
    let names = Set(Self.cases.map(\.name))
    let classes = HuggingFaceArchitecture.all.map(\.name).filter { $0.hasSuffix("ForCausalLM") }
    #expect(classes.allSatisfy { names.contains(String($0.dropLast("ForCausalLM".count))) })
  }

  @Test("a configuration of sizes alone is what the class makes of it", arguments: cases)
  func equal(one: Case) throws {
    let config = try Settings(file: "config.json", json: one.config.encoded())
    let found = try HuggingFaceArchitecture.find(config).read(config, nil)
    guard case .decoder(let decoder) = found else { throw config.missing("a decoder") }
    let values = one.values
    #expect(decoder.keyValueHeads == values["num_key_value_heads"]?.integer)
    #expect(decoder.headSize == values["head_dim"]?.integer)
    #expect(decoder.context == values["max_position_embeddings"]?.integer)
    #expect(decoder.normEpsilon == values["rms_norm_eps"]?.number.map { Float($0) })
    #expect(decoder.tiedEmbeddings == values["tie_word_embeddings"]?.bool)
    #expect((decoder.feedForward == .gatedSiLU ? "silu" : "gelu_pytorch_tanh") == values["activation"]?.text)
    #expect(decoder.attentionOutputBias == values["attention_bias"]?.bool ?? false)
    #expect(decoder.feedForwardBias == values["mlp_bias"]?.bool ?? false)
    checkFactors(decoder, values)
    checkLayers(decoder, values)
  }

  private func checkFactors(_ decoder: DecoderConfiguration, _ values: JSONValue) {
    func factor(_ key: String) -> Float { values[key]?.number.map { Float($0) } ?? 1 }
    let squared = values["query_pre_attn_scalar"]?.number.map { 1 / $0.squareRoot() }
    let scale = squared ?? values["attention_multiplier"]?.number ?? 1 / Double(decoder.headSize).squareRoot()
    #expect(decoder.attentionScale ?? 1 / Float(decoder.headSize).squareRoot() == Float(scale))
    #expect(decoder.attentionSoftCap == values["attn_logit_softcapping"]?.number.map { Float($0) })
    #expect(decoder.logitSoftCap == values["final_logit_softcapping"]?.number.map { Float($0) })
    #expect(decoder.residualScale == factor("residual_multiplier"))
    #expect(decoder.logitScale == 1 / factor("logits_scaling"))
    let root = Float(Double(decoder.width).squareRoot())
    let embedding = decoder.feedForward == .gatedSiLU ? factor("embedding_multiplier") : root
    #expect(decoder.embeddingScale == embedding)
  }

  private func checkLayers(_ decoder: DecoderConfiguration, _ values: JSONValue) {
    let (types, window) = (values["layer_types"]?.elements, values["sliding_window"]?.integer)
    let windows = (0..<decoder.layers).map { layer in
      (types?[layer].text ?? "sliding_attention") == "sliding_attention" ? window : nil
    }
    #expect((0..<decoder.layers).map { decoder.window(ofLayer: $0) } == windows)
    let turned = values["no_rope_layers"]?.elements?.map { $0.integer == 1 }
    for layer in 0..<decoder.layers {
      #expect((decoder.rotary(ofLayer: layer) != .none) == (turned?[layer] ?? true))
    }
    let rope = values["rope_parameters"]
    #expect(decoder.ropeTheta == (rope?["full_attention"] ?? rope)?["rope_theta"]?.number)
    #expect(decoder.localRopeTheta == rope?["sliding_attention"]?["rope_theta"]?.number)
    #expect(decoder.ropeScaling == nil && decoder.rotaryChannels == nil)
  }

  @Test(
    "null is no number of heads to classes that compute none from it",
    arguments: ["Mistral", "Gemma", "Gemma2"])
  func nullHeads(architecture: String) throws {
    let json = """
      {"architectures": ["\(architecture)ForCausalLM"], "hidden_size": 64, "intermediate_size": 64, "vocab_size": 64,
       "num_hidden_layers": 2, "num_attention_heads": 16, "num_key_value_heads": null}
      """
    let config = try Settings(file: "config.json", json: Array(json.utf8))
    let error = #expect(throws: ImportError.self) {
      try HuggingFaceArchitecture.find(config).read(config, nil)
    }
    #expect(error == .missingSetting(file: "config.json", key: "num_key_value_heads"))
  }
}
