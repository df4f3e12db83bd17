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
    _ architecture: String, _ more: Entries = [], layers: UInt32 = 6, tensors: [GGUFBytes.Tensor] = []
  ) throws -> DecoderConfiguration {
    let sizes: Entries = [
      ("block_count", .uint32(layers)), ("context_length", .uint32(8_192)), ("embedding_length", .uint32(64)),
      ("feed_forward_length", .uint32(96)), ("attention.head_count", .uint32(2)),
      ("attention.key_length", .uint32(16)), ("attention.layer_norm_rms_epsilon", .float32(1e-6)),
      ("vocab_size", .uint32(40)), ("logit_scale", .float32(4)),
    ]
    var file = GGUFBytes()
    let known = sizes.filter { $0.0 != "logit_scale" || architecture == "granite" }
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
