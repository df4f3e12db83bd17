import Architectures
import TestSupport
import Testing

@testable import Importers

/// What architectures of GGUF say in keys, imply, or leave to llama.cpp's defaults.
@Suite("GGUF architectures")
struct GGUFFamilyTests {
  private typealias Entries = [(String, GGUFBytes.Value)]

  /// Sizes of no particular model; `more` goes under the architecture's prefix.
  private func read(
    _ architecture: String, _ more: Entries = [], without left: [String] = [], layers: UInt32 = 6,
    tensors: [GGUFBytes.Tensor] = []
  ) throws -> DecoderConfiguration {
    let sizes: Entries = [
      ("block_count", .uint32(layers)), ("context_length", .uint32(8_192)), ("embedding_length", .uint32(64)),
      ("feed_forward_length", .uint32(96)), ("attention.head_count", .uint32(2)),
      ("attention.key_length", .uint32(16)), ("attention.layer_norm_rms_epsilon", .float32(1e-6)),
      ("vocab_size", .uint32(40)), ("logit_scale", .float32(4)),
    ]
    var file = GGUFBytes()
    let known = sizes.filter {
      ($0.0 != "logit_scale" || architecture == "granite") && !left.contains($0.0)
    }
    file.metadata = (known.filter { entry in !more.contains { $0.0 == entry.0 } } + more)
      .map { ("\(architecture).\($0)", $1) }
    file.metadata.append(("general.architecture", .string(architecture)))
    file.tensors = tensors
    let folder = try TemporaryFolder()
    try folder.write("model.gguf", file.bytes)
    let model = try GGUFModel(path: folder.path + "/model.gguf")
    let configuration = try model.configuration()
    try ModelConfiguration.decoder(configuration).validate()
    return configuration
  }

  @Test("windows lie as the file lists them, at its period, or at the family's")
  func windows() throws {
    let window: Entries = [("attention.sliding_window", .uint32(512))]
    #expect(try read("gemma2").windows == [4_096, nil])
    #expect(try read("gemma2", window).windows == [512, nil])
    #expect(try read("gemma3").windows.isEmpty)
    #expect(try read("gemma3", window).windows == [512, 512, 512, 512, 512, nil])
    let period = window + [("attention.sliding_window_pattern", .uint32(3))]
    #expect(try read("gemma3", period).windows == [512, 512, nil])
    let list = window + [("attention.sliding_window_pattern", .integers([0, 1, 0, 1, 0, 1]))]
    #expect(try read("gemma3", list).windows == [nil, 512])
    #expect(try read("olmo2", window).windows == [512, 512, 512, nil])
    #expect(try read("phi3", window).windows == [512])
    #expect(try read("phi3", [("attention.sliding_window", .uint32(0))]).windows.isEmpty)
    let short = window + [("attention.sliding_window_pattern", .integers([1, 0]))]
    let error = #expect(throws: ImportError.self) { try read("gemma3", short) }
    #expect(error?.description.contains("a flag for each of 6 layers") == true)
  }

  @Test("layers with a window turn by a base of their own")
  func localBase() throws {
    let window: Entries = [
      ("attention.sliding_window", .uint32(512)), ("rope.freq_base", .float32(1e6)),
      ("rope.scaling.type", .string("linear")), ("rope.scaling.factor", .float32(8)),
    ]
    let gemma = try read("gemma3", window)
    #expect(
      gemma.localRopeTheta == 10_000 && gemma.ropeTheta == 1e6 && gemma.ropeScaling == .linear(factor: 8))
    #expect(gemma.rotaryLayers == [.local, .local, .local, .local, .local, .usual])
    #expect(try read("gemma3", window + [("rope.freq_base_swa", .float32(500))]).localRopeTheta == 500)
    let olmo = try read("olmo2", window)
    #expect(olmo.localRopeTheta == 1e6 && olmo.rotaryLayers.first == .local)
    #expect(try read("gemma3").localRopeTheta == nil)
  }

  @Test("the largest Gemmas divide by the width's share of a head, others by the head's size")
  func scale() throws {
    #expect(try read("gemma2", layers: 42).attentionScale == nil)
    #expect(try read("gemma2", layers: 46).attentionScale == Float(1 / 32.0.squareRoot()))
    #expect(try read("gemma3", layers: 62).attentionScale == Float(1 / 32.0.squareRoot()))
    let two = try read("gemma2")
    #expect(two.attentionSoftCap == 50 && two.logitSoftCap == 30 && two.embeddingScale == 8)
    #expect(try read("gemma3").logitSoftCap == nil && two.feedForward == .gatedGELUTanh)
  }

  @Test("Granite's factors are its keys, of which 0 is none, and SmolLM3's layers are implied")
  func factors() throws {
    let granite = try read(
      "granite",
      [
        ("embedding_scale", .float32(12)), ("residual_scale", .float32(0)),
        ("attention.scale", .float32(0.5)),
        ("rope.scaling.finetuned", .bool(0)),
      ])
    #expect(granite.embeddingScale == 12 && granite.residualScale == 1 && granite.logitScale == 0.25)
    #expect(granite.attentionScale == 0.5 && granite.rotaryLayers == [.none])
    let smol = try read("smollm3")
    #expect((0..<6).map(smol.rotary) == [.usual, .usual, .usual, .none, .usual, .usual])
    #expect(try read("qwen3").queryKeyNorm == .perHead && read("olmo2").queryKeyNorm == .overWidth)
  }

  @Test("rules of rotary frequencies: linear, yarn, factors of a file")
  func rules() throws {
    let yarn: Entries = [
      ("rope.scaling.type", .string("yarn")), ("rope.scaling.factor", .float32(4)),
      ("rope.scaling.original_context_length", .uint32(2_048)),
    ]
    guard case .yarn(let rule) = try read("qwen2", yarn).ropeScaling else {
      Issue.record("no yarn")
      return
    }
    #expect(rule.factor == 4 && rule.originalContext == 2_048 && rule.fastTurns == 32 && rule.slowTurns == 1)
    #expect(abs(rule.magnitude - 1.138629) < 1e-6 && rule.wholePairs)
    let other = yarn + [("rope.scaling.yarn_attn_factor", .float32(1))]
    let error = #expect(throws: ImportError.self) { try read("qwen2", other) }
    #expect(error?.description.contains("yarn_attn_factor") == true)
    #expect(try read("qwen2", [("rope.scale_linear", .float32(2))]).ropeScaling == .linear(factor: 2))
    let off: Entries = [("rope.scaling.type", .string("none")), ("rope.scaling.factor", .float32(4))]
    #expect(try read("qwen2", off).ropeScaling == nil)
    #expect(try read("phi3", [("rope.dimension_count", .uint32(12))]).rotaryChannels == 12)
  }

  @Test("a head of one channel is an error, said or implied")
  func oneChannel() throws {
    let said: Entries = [("embedding_length", .uint32(2)), ("attention.key_length", .uint32(1))]
    #expect(throws: ImportError.self) { try read("qwen2", said) }
    #expect(throws: ImportError.self) {
      try read("qwen2", [("embedding_length", .uint32(2))], without: ["attention.key_length"])
    }
  }

  @Test("settings of any value end as a configuration that is valid or an error with words")
  func mutants() throws {
    var (random, valid) = (SeededGenerator(), 0)
    for _ in 0..<2_000 {
      let name = GGUFArchitecture.all.randomElement(using: &random)?.name ?? ""
      let entries = (0..<Int.random(in: 0...3, using: &random)).map { _ in
        (Self.keys.randomElement(using: &random) ?? "", Self.values.randomElement(using: &random) ?? .bool(0))
      }
      let more = Dictionary(entries) { first, _ in first }
      do {
        _ = try read(name, more.map { ($0.key, $0.value) })
        valid += 1
      } catch {
        #expect("\(error)".count > 20, "\(error)")
      }
    }
    #expect(valid > 200 && valid < 2_000)
  }

  private static let keys = [
    "block_count", "context_length", "embedding_length", "feed_forward_length", "attention.head_count",
    "attention.head_count_kv", "attention.key_length", "attention.value_length", "attention.scale",
    "vocab_size",
    "attention.layer_norm_rms_epsilon", "attention.sliding_window", "attention.sliding_window_pattern",
    "attn_logit_softcapping", "final_logit_softcapping", "embedding_scale", "residual_scale", "logit_scale",
    "rope.dimension_count", "rope.freq_base", "rope.freq_base_swa", "rope.scale_linear", "rope.scaling.type",
    "rope.scaling.factor", "rope.scaling.attn_factor", "rope.scaling.original_context_length",
    "rope.scaling.finetuned", "rope.scaling.yarn_attn_factor", "rope.scaling.yarn_ext_factor",
    "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_log_multiplier", "expert_count", "pooling_type",
  ]

  private static let values: [GGUFBytes.Value] = [
    .uint32(0), .uint32(1), .uint32(2), .uint32(3), .uint32(16), .uint32(46), .uint32(62), .uint32(4_096),
    .uint64(.max), .int32(-1), .float32(0), .float32(0.5), .float32(1), .float32(4), .float32(-4),
    .float32(.nan),
    .float32(.infinity), .bool(0), .bool(1), .string("yarn"), .string("linear"), .string("none"), .string(""),
    .integers([]), .integers([1, 0]), .integers([0, 1, 1, 0, 1, 1]), .floats([1]), .strings(["a"]),
  ]

  @Test(
    "lists of factors shorten the context to that of the first list, and factors of no rule hold for all of it"
  )
  func lists() throws {
    let factors: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    func tensor(_ name: String, _ values: [Float]) -> GGUFBytes.Tensor {
      .init("\(name).weight", rows: 1, columns: values.count, values)
    }
    let long = try read(
      "phi3",
      [
        ("rope.scaling.original_context_length", .uint32(4_096)),
        ("rope.scaling.attn_factor", .float32(1.25)),
      ],
      tensors: [tensor("rope_factors_long", factors.reversed()), tensor("rope_factors_short", factors)])
    let rule = RopeRule.LongRope(
      shortFactors: factors.map { Double($0) }, longFactors: factors.reversed().map { Double($0) },
      originalContext: 4_096, magnitude: 1.25)
    #expect(long.context == 4_096 && long.ropeScaling == .longRope(rule))
    let any = try read("llama", tensors: [tensor("rope_freqs", factors)])
    #expect(any.context == 8_192)
    guard case .longRope(let free) = any.ropeScaling else {
      Issue.record("factors were lost")
      return
    }
    #expect(free.shortFactors == rule.shortFactors && free.originalContext == 8_192 && free.magnitude == 1)
  }
}
