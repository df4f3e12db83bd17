import Architectures
import Testing

@testable import Importers

/// What each class of transformers makes of a config.json, its own defaults included.
@Suite("Configurations of decoder families")
struct FamilyConfigurationTests {
  private static let sizes = """
    "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 6, "num_attention_heads": 4,
    "num_key_value_heads": 2, "vocab_size": 100, "max_position_embeddings": 8192
    """

  private func read(_ architecture: String, _ more: String = "") throws -> DecoderConfiguration {
    let json =
      "{\"architectures\": [\"\(architecture)ForCausalLM\"], \(Self.sizes)\(more.isEmpty ? "" : ", ")\(more)}"
    let config = try Settings(file: "config.json", json: Array(json.utf8))
    let found = try HuggingFaceArchitecture.find(config).read(config, nil)
    guard case .decoder(let decoder) = found else { throw config.missing("a decoder") }
    try found.validate()
    return decoder
  }

  @Test("a base beside rope_parameters counts, as an old object's does, and the object's own goes before it")
  func theta() throws {
    let beside = "\"rope_parameters\": {\"rope_type\": \"default\"}, \"rope_theta\": 500000"
    #expect(try read("Llama", beside).ropeTheta == 500_000)
    #expect(try read("Llama", "\"rope_parameters\": {\"rope_theta\": 7}, \"rope_theta\": 9").ropeTheta == 7)
    #expect(try read("Llama", "\"rope_scaling\": null, \"rope_theta\": 9").ropeTheta == 9)
    #expect(try read("Llama").ropeTheta == 10_000)
    #expect(try read("SmolLM3").ropeTheta == 2_000_000)
    let both = """
      "rope_scaling": {"type": "linear", "factor": 2}, "rope_parameters": {"rope_type": "linear", "factor": 4}
      """
    #expect(try read("Llama", both).ropeScaling == .linear(factor: 2))
  }

  @Test("Mistral has a window unless it says null, and one as long as the context is none")
  func mistral() throws {
    #expect(try read("Mistral").windows == [4_096])
    #expect(try read("Mistral", "\"sliding_window\": null").windows.isEmpty)
    #expect(try read("Mistral", "\"sliding_window\": 8192").windows.isEmpty)
  }

  @Test("Qwen's windows are off unless switched on, for layers from a number on or by name")
  func qwen() throws {
    let off = try read("Qwen2", "\"sliding_window\": 32, \"max_window_layers\": 2")
    #expect(off.windows.isEmpty && off.queryKeyValueBias && !off.attentionOutputBias)
    let on = "\"use_sliding_window\": true, \"sliding_window\": 32"
    #expect(try read("Qwen2", "\(on), \"max_window_layers\": 4").windows == [nil, nil, nil, nil, 32, 32])
    let types = Array(repeating: "\"full_attention\", \"sliding_attention\"", count: 3).joined(
      separator: ", ")
    let qwen3 = try read("Qwen3", "\(on), \"layer_types\": [\(types)]")
    #expect(qwen3.windows == [nil, 32] && qwen3.queryKeyNorm == .perHead && qwen3.headSize == 128)
  }

  @Test("SmolLM3 turns three layers of four, or those that it lists")
  func smolLM3() throws {
    let usual = try read("SmolLM3")
    #expect((0..<6).map(usual.rotary) == [.usual, .usual, .usual, .none, .usual, .usual])
    #expect(usual.tiedEmbeddings)
    #expect(try read("SmolLM3", "\"no_rope_layers\": [1, 0, 1, 0, 1, 0]").rotaryLayers == [.usual, .none])
    #expect(try read("SmolLM3", "\"no_rope_layers\": [1, 1, 1, 1, 1, 1]").rotaryLayers.isEmpty)
  }

  @Test("Gemma's factors, caps, norms and rotary bases are its class's")
  func gemma() throws {
    let one = try read("Gemma", "\"hidden_act\": \"gelu\", \"head_dim\": 16")
    #expect(one.feedForward == .gatedGELUTanh && one.embeddingScale == 8 && one.branchNorms == .input)
    let two = try read(
      "Gemma2", "\"query_pre_attn_scalar\": 16, \"head_dim\": 16, \"final_logit_softcapping\": null")
    #expect(two.attentionScale == nil && two.attentionSoftCap == 50 && two.logitSoftCap == nil)
    #expect(two.windows == [4_096, nil] && two.branchNorms == .both)
    let old = """
      "head_dim": 16, "rope_local_base_freq": 10000, "rope_theta": 1000000, "sliding_window": 32,
      "rope_scaling": {"rope_type": "linear", "factor": 8}
      """
    let three = try read("Gemma3", old)
    #expect(three.windows == [32, 32, 32, 32, 32, nil] && three.queryKeyNorm == .perHead)
    #expect(three.rotaryLayers == [.local, .local, .local, .local, .local, .usual])
    #expect(three.localRopeTheta == 10_000 && three.ropeTheta == 1e6)
    #expect(three.ropeScaling == .linear(factor: 8) && three.attentionScale == 1 / 16)
  }

  @Test("Granite's factors, and Phi's share of a head")
  func factors() throws {
    let granite = try read(
      "Granite",
      "\"embedding_multiplier\": 12, \"residual_multiplier\": 0.25, \"logits_scaling\": 8, \"attention_multiplier\": 0.5"
    )
    #expect(granite.embeddingScale == 12 && granite.residualScale == 0.25 && granite.logitScale == 0.125)
    #expect(granite.attentionScale == 0.5)
    #expect(try read("Phi3", "\"partial_rotary_factor\": 0.75").rotaryChannels == 12)
    let shares = (1...6).map { "\($0)" }.joined(separator: ", ")
    let phi = try read(
      "Phi3",
      """
      "partial_rotary_factor": 0.75, "original_max_position_embeddings": 4096,
      "rope_scaling": {"type": "su", "short_factor": [\(shares)], "long_factor": [\(shares)]}
      """)
    guard case .longRope(let rule) = phi.ropeScaling else {
      Issue.record("su is no longrope")
      return
    }
    #expect(phi.context == 4_096 && rule.shortFactors == [1, 2, 3, 4, 5, 6] && rule.magnitude > 1)
  }

  @Test(
    "what no class here reads is refused by its name, wherever it stands",
    arguments: [
      ("Llama", "\"clip_qkv\": 8", "'clip_qkv' is 8,"),
      ("Mistral", "\"mlp_bias\": true", "'mlp_bias' is true,"),
      ("Mistral", "\"layer_types\": [\"full_attention\"]", "'layer_types' is an array,"),
      ("Gemma", "\"query_pre_attn_scalar\": 144", "'query_pre_attn_scalar' is 144,"),
      ("OLMo2", "\"mlp_bias\": true", "'mlp_bias' is true,"),
      ("Qwen2", "\"use_mrope\": true", "'use_mrope' is true,"),
      ("Qwen3", "\"num_experts\": 8", "'num_experts' is 8,"),
      ("Llama", "\"is_causal\": false", "'is_causal' is false,"),
      ("Llama", "\"residual_multiplier\": 0.5", "'residual_multiplier' is 0.5,"),
      ("Llama", "\"vision_config\": {}", "'vision_config' is an object,"),
      (
        "Qwen2", "\"rope_scaling\": {\"type\": \"default\", \"mrope_section\": [1, 1, 2]}",
        "'rope_scaling.mrope_section' is an array,"
      ),
      (
        "Gemma3", "\"rope_parameters\": {\"full_attention\": {\"alpha\": 2}}",
        "'rope_parameters.full_attention.alpha' is 2,"
      ),
    ])
  func unknown(architecture: String, more: String, message: String) {
    let name = architecture == "OLMo2" ? "Olmo2" : architecture
    let error = #expect(throws: ImportError.self) { try read(name, more) }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    #expect(error?.description.contains("delete it from config.json") == true)
  }

  @Test(
    "what changes nothing is passed over: training, storage, switches that are off, what another setting goes before",
    arguments: [
      ("Llama", "\"attention_dropout\": 0.1, \"torch_dtype\": \"bfloat16\", \"pretraining_tp\": 2"),
      (
        "Llama",
        "\"rope_interleaved\": false, \"is_llama_config\": true, \"transformers.js_config\": {\"a\": 1}"
      ),
      (
        "Llama", "\"clip_qkv\": null, \"sliding_window\": null, \"pruned_heads\": {}, \"vision_config\": null"
      ),
      ("Qwen2", "\"use_mrope\": false, \"sliding_window\": 4096, \"max_window_layers\": 28"),
      ("Phi3", "\"auto_map\": {\"AutoConfig\": \"a.B\"}, \"interpolate_factor\": 1, \"full_attn_mod\": 1"),
      (
        "Gemma2",
        "\"head_dim\": 16, \"hidden_act\": \"gelu_pytorch_tanh\", \"cache_implementation\": \"hybrid\""
      ),
      ("SmolLM3", "\"max_window_layers\": 28, \"use_sliding_window\": false, \"sliding_window\": null"),
      ("Granite", "\"rope_theta\": 5, \"rope_parameters\": {\"rope_theta\": 7, \"rope_type\": \"default\"}"),
    ])
  func harmless(architecture: String, more: String) throws { _ = try read(architecture, more) }

  @Test(
    "what a class would compute and nothing here does is refused by name",
    arguments: [
      ("Qwen3", "\"layer_types\": [\"chunked_attention\", 1]", "layer_types"),
      (
        "Gemma2", "\"layer_types\": [\"a\", \"a\", \"a\", \"a\", \"a\", \"a\"]", "'layer_types' is 'a'"
      ),
      ("Qwen2", "\"layer_types\": [\"full_attention\"]", "'layer_types' is 1 names"),
      (
        "Qwen2",
        "\"layer_types\": [\(Array(repeating: "\"sliding_attention\"", count: 6).joined(separator: ", "))]",
        "'sliding_window' is missing"
      ),
      ("Gemma", "\"use_bidirectional_attention\": true", "'use_bidirectional_attention' is 'true'"),
      ("Gemma2", "\"hidden_activation\": \"relu\"", "'hidden_activation' is 'relu'"),
      ("Granite", "\"hidden_act\": \"gelu\"", "'hidden_act' is 'gelu'"),
      ("SmolLM3", "\"no_rope_layers\": [1]", "'no_rope_layers' is 1 numbers"),
      ("Phi3", "\"partial_rotary_factor\": 0.1", "'partial_rotary_factor' is a share of 1 channels"),
      ("Phi3", "\"rope_scaling\": {\"type\": \"longrope\"}", "'rope_scaling.short_factor' is missing"),
      ("Llama", "\"rope_scaling\": {\"type\": \"su\"}", "'rope_scaling.type' is 'su'"),
      (
        "Gemma3",
        "\"rope_parameters\": {\"sliding_attention\": {\"rope_type\": \"yarn\"}}",
        "'rope_parameters.sliding_attention.rope_type' is 'yarn'"
      ),
      ("Gemma3", "\"rope_parameters\": {\"rope_theta\": 7}", "'rope_parameters' is 'rope_theta'"),
      ("Phi3", "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}", "'rope_scaling.type' is 'linear'"),
      ("Llama", "\"partial_rotary_factor\": 0.5", "'partial_rotary_factor'"),
    ])
  func refused(architecture: String, more: String, message: String) {
    let error = #expect(throws: ImportError.self) { try read(architecture, more) }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }
}
