import Architectures
import Glibc
import JSON
import TestSupport
import Testing

@testable import Importers

@Suite("Damaged configurations of decoder families")
struct FamilyMutationTests {
  /// How many mutants are read; `QUANTD_TEST_CONFIGURATIONS=1000000` for a longer run.
  private static let inputs =
    getenv("QUANTD_TEST_CONFIGURATIONS").flatMap { Int(String(cString: $0)) } ?? 10_000

  @Test("end as a configuration that validation accepts or names, or as an error with words")
  func mutants() throws {
    let originals = ClassDefaultsTests.cases.map(\.config)
    try #require(originals.count > 20)
    var (random, valid) = (SeededGenerator(), 0)
    for index in 0..<Self.inputs {
      var mutant = Mutant(originals[index % originals.count].members ?? [])
      for _ in 0..<Int.random(in: 1...4, using: &random) { mutant.change(&random) }
      do {
        let config = try Settings(file: "config.json", json: mutant.value.encoded())
        let found = try HuggingFaceArchitecture.find(config).read(config, nil)
        // What opening a folder computes before it validates.
        _ = found.tensorTable.sources.count
        try found.validate()
        valid += 1
      } catch {
        #expect("\(error)".count > 20, "\(error)")
      }
    }
    #expect(valid > Self.inputs / 50 && valid < Self.inputs)
  }
}

/// A configuration that is changed member by member.
private struct Mutant {
  private var members: [JSONObject.Member]

  init(_ members: [JSONObject.Member]) { self.members = members }

  var value: JSONValue { .object(JSONObject(members: members)) }

  /// Replaces a value, adds one or takes one away, of the file or of its rotary settings.
  mutating func change(_ random: inout SeededGenerator) {
    if Int.random(in: 0..<4, using: &random) == 0 {
      let home = ["rope_parameters", "rope_scaling"].randomElement(using: &random) ?? ""
      set(home, Self.rope(&random, nested: 1))
    } else if Int.random(in: 0..<8, using: &random) == 0 {
      members.remove(at: Int.random(in: 0..<members.count, using: &random))
    } else {
      // The first one names the class.
      let own = members.dropFirst().map(\.name)
      set((Self.keys + own).randomElement(using: &random) ?? "", Self.value(&random))
    }
    if members.isEmpty { members = [.init(name: "architectures", value: ["LlamaForCausalLM"])] }
  }

  private mutating func set(_ name: String, _ value: JSONValue) {
    members.removeAll { $0.name == name }
    members.append(.init(name: name, value: value))
  }

  private static func rope(_ random: inout SeededGenerator, nested: Int) -> JSONValue {
    var object: [JSONObject.Member] = []
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      let key = ropeKeys.randomElement(using: &random) ?? ""
      let isObject = nested > 0 && key.hasSuffix("attention")
      object.removeAll { $0.name == key }
      object.append(
        .init(name: key, value: isObject ? rope(&random, nested: nested - 1) : value(&random)))
    }
    return .object(JSONObject(members: object))
  }

  private static func value(_ random: inout SeededGenerator) -> JSONValue {
    values.randomElement(using: &random) ?? .null
  }

  private static let keys = [
    "num_key_value_heads", "head_dim", "max_position_embeddings", "rms_norm_eps", "tie_word_embeddings",
    "sliding_window", "sliding_window_pattern", "layer_types", "use_sliding_window", "max_window_layers",
    "attention_bias", "mlp_bias", "query_pre_attn_scalar", "attn_logit_softcapping", "no_rope_layers",
    "final_logit_softcapping", "embedding_multiplier", "logits_scaling", "attention_multiplier", "hidden_act",
    "hidden_activation", "rope_theta", "rope_local_base_freq", "partial_rotary_factor", "bos_token_id",
    "eos_token_id", "no_rope_layer_interval", "original_max_position_embeddings", "attention_dropout",
    "clip_qkv",
  ]

  private static let ropeKeys =
    HuggingFaceKeys.rope + ["full_attention", "sliding_attention", "mrope_section"]

  private static let values: [JSONValue] = [
    .null, true, false, 0, 1, 2, 3, 4, 7, 16, 64, 128, 4_096, 1_048_576, -1, -4_096, .integer(Int.max),
    .integer(Int.min), .unsigned(UInt64.max), 0.5, 1e-6, 1e-300, 1e300, -0.25, "", "linear", "yarn", "llama3",
    "longrope", "su", "dynamic", "default", "silu", "gelu", "gelu_pytorch_tanh", [], [1, 0], [1, 2, 3, 4],
    ["full_attention"], .array(Array(repeating: "sliding_attention", count: 30)),
    .array(Array(repeating: 1, count: 30)), .array(Array(repeating: 1.5, count: 64)), [:], ["a": 1],
  ]
}
