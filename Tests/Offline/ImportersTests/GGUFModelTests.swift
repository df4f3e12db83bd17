import Architectures
import Checkpoints
import TestSupport
import Testing

@testable import Importers

@Suite("GGUF models")
struct GGUFModelTests {
  private let tiny = HuggingFaceCheckpoint.language(seed: 5)

  /// Opens `file`, which may be called anything.
  private func open(_ file: GGUFBytes, name: String = "model.bin") throws -> ImportedModel {
    let folder = try TemporaryFolder()
    try folder.write(name, file.bytes)
    return try ImportedModel.withTokenizer("\(folder.path)/\(name)").model
  }

  @Test("a model written both ways is the same model, tied and untied", arguments: [true, false])
  func bothWays(tied: Bool) throws {
    var checkpoint = tiny
    if !tied {
      checkpoint.config["tie_word_embeddings"] = "false"
      checkpoint.tensors.append(
        .init(name: "lm_head.weight", shape: [40, 16], values: (0..<640).map { Float($0) }))
    }
    let folder = try ScratchFolder()
    try checkpoint.write(to: folder.path)
    let (model, expected) = (try open(checkpoint.gguf()), try ImportedModel.withTokenizer(folder.path).model)
    #expect(model.configuration == expected.configuration)
    #expect(model.tensors.map(\.name) == expected.tensors.map(\.name))
    for (name, _) in expected.tensors { #expect(try model.tensor(name) == expected.tensor(name), "\(name)") }
  }

  typealias Case = (String, @Sendable (inout GGUFBytes) -> Void, String)

  private static func set(_ key: String, _ value: GGUFBytes.Value) -> @Sendable (inout GGUFBytes) -> Void {
    { file in
      file.metadata.removeAll { $0.key == key }
      file.metadata.append((key, value))
    }
  }

  @Test("what would silently give other answers is refused by name", arguments: refused)
  func refuses(name: String, change: @Sendable (inout GGUFBytes) -> Void, expected: String) throws {
    var file = tiny.gguf()
    change(&file)
    let error = #expect(throws: (any Error).self) { try open(file) }
    let text = error.map { "\($0)" } ?? "nothing was refused"
    #expect(text.contains(expected), "\(name): \(text)")
  }

  private static let refused: [Case] = [
    ("architecture", set("general.architecture", .string("mamba")), "'mamba'; supported: llama"),
    ("no architecture", { $0.metadata.removeFirst() }, "'general.architecture' is missing"),
    ("adapter", set("general.type", .string("adapter")), "llama-export-lora"),
    ("projector", set("general.type", .string("mmproj")), "type 'mmproj'"),
    ("old blocks", set("general.quantization_version", .uint32(1)), "general.quantization_version"),
    ("unknown key", set("llama.attention.sinks", .uint32(4)), "'llama.attention.sinks' is 4"),
    ("experts", set("llama.expert_count", .uint32(8)), "llama.expert_count"),
    ("no layers", set("llama.block_count", .uint32(0)), "llama.block_count"),
    ("negative heads", set("llama.attention.head_count", .int32(-1)), "llama.attention.head_count"),
    (
      "heads that do not divide", set("llama.attention.head_count", .uint32(3)),
      "a divisor of embedding_length"
    ),
    (
      "other heads in each layer", set("llama.attention.head_count_kv", .integers([1, 2])),
      "from layer to layer"
    ),
    ("text for a number", set("llama.context_length", .string("64")), "a whole number"),
    ("part of a head turned", set("llama.rope.dimension_count", .uint32(4)), "llama.rope.dimension_count"),
    ("squeezed", set("llama.rope.scaling.factor", .float32(0.5)), "llama.rope.scaling.factor' is 0.5"),
    (
      "unknown stretching", set("llama.rope.scaling.type", .string("ntk")),
      "llama.rope.scaling.type' is 'ntk'"
    ),
    (
      "longrope without factors", set("llama.rope.scaling.type", .string("longrope")),
      "rope_factors_short.weight"
    ),
    ("a magnitude beside linear", set("llama.rope.scaling.attn_factor", .float32(2)), "scaling.attn_factor"),
    (
      "a window that llama has not", set("llama.attention.sliding_window", .uint32(4)), "sliding_window' is 4"
    ),
    ("not causal", set("llama.attention.causal", .bool(0)), "llama.attention.causal"),
    ("token beyond", set("tokenizer.ggml.eot_token_id", .uint32(40)), "eot_token_id"),
    ("missing epsilon", { $0.metadata.removeAll { $0.key.hasSuffix("epsilon") } }, "epsilon' is missing"),
    ("tensor without a place", { $0.tensors[2].name = "blk.0.attn_sinks.weight" }, "attn_q.weight"),
    (
      "one tensor more",
      {
        $0.tensors.append(.init("blk.0.attn_sub_norm.weight", rows: 1, columns: 8, [1, 1, 1, 1, 1, 1, 1, 1]))
      },
      "no place"
    ),
    ("shape", set("llama.feed_forward_length", .uint32(48)), "the configuration calls for"),
    (
      "type that is not read",
      { file in
        file.tensors[0].type = 24
        file.tensors[0].bytes.removeLast(file.tensors[0].bytes.count * 3 / 4)
      }, "type I8"
    ),
    (
      "factors of another head",
      { $0.tensors.append(.init("rope_freqs.weight", rows: 1, columns: 5, [1, 2, 3, 4, 5])) },
      "rope_freqs.weight"
    ),
    (
      "a factor of 0", { $0.tensors.append(.init("rope_freqs.weight", rows: 1, columns: 4, [1, 2, 0, 4])) },
      "'rope_freqs.weight' is 0.0"
    ),
    (
      "factors beside another rule",
      {
        set("llama.rope.scaling.factor", .float32(2))(&$0)
        $0.tensors.append(.init("rope_freqs.weight", rows: 1, columns: 4, [1, 2, 3, 4]))
      }, "none where there is a tensor 'rope_freqs.weight'"
    ),
  ]

  @Test("weights that are not finite are refused with the file's own name for the tensor")
  func notFinite() throws {
    var file = tiny.gguf()
    file.tensors[2].bytes.replaceSubrange(8..<12, with: GGUFBytes.little(Float.nan.bitPattern))
    let model = try open(file)
    let error = try #require(throws: CheckpointError.self) {
      try model.tensor("model.layers.0.self_attn.q_proj.weight")
    }
    #expect(error.problem.description.contains("'blk.0.attn_q.weight'"))
  }

  @Test("the rule of Llama 3 is found again from its factors")
  func llama3() throws {
    var file = tiny.gguf()
    // Base 500,000, heads of 8, factor 32, original context 8,192, as the converter writes them.
    Self.set("llama.rope.freq_base", .float32(500_000))(&file)
    file.tensors.append(.init("rope_freqs.weight", rows: 1, columns: 4, [1, 1, 3.292262, 32]))
    let model = try open(file)
    guard case .decoder(let decoder) = model.configuration, case .llama3(let rule)? = decoder.ropeScaling
    else {
      Issue.record("\(model.configuration)")
      return
    }
    #expect(rule.factor == 32)
  }

  @Test("sampling settings are carried, and what is not implemented is named")
  func sampling() throws {
    var file = tiny.gguf()
    file.metadata += [
      ("general.sampling.temp", .float32(0.5)), ("general.sampling.top_k", .int32(20)),
      ("general.sampling.mirostat", .int32(2)), ("general.sampling.xtc_probability", .float32(0)),
    ]
    let model = try open(file)
    #expect(model.generation?.temperature == 0.5 && model.generation?.topK == 20)
    #expect(model.generation?.leftOut == ["general.sampling.mirostat"])
    #expect(model.notes.contains { $0.contains("general.sampling.mirostat") })
  }

  @Test("named templates are said to be left out, with or without a default")
  func templates() throws {
    var file = tiny.gguf()
    file.metadata.append(("tokenizer.chat_template.rag", .string("r")))
    #expect(
      try open(file).notes.contains { $0.contains("'tokenizer.chat_template.rag' left out; the file has no") }
    )
    file.metadata.append(("tokenizer.chat_template", .string("d")))
    #expect(try open(file).notes.contains { $0.contains("left out; the default one is used") })
  }

  /// generation_config.json names an end token more than the file's metadata.
  private static func withoutEnds(_ configuration: ModelConfiguration) -> ModelConfiguration {
    guard case .decoder(var decoder) = configuration else { return configuration }
    decoder.endTokens = []
    return .decoder(decoder)
  }

  @Test(
    "weights in float32 equal the Hugging Face export's bit for bit, and so does the configuration",
    .enabled(if: SharedData.available, "needs ../shared/data"))
  func equalsHuggingFace() throws {
    let (model, tokenizer) = try ImportedModel.withTokenizer(
      SharedData.path("models-other/gguf-stories260k/stories260k-F32.gguf"))
    let (reference, expected) = try ImportedModel.withTokenizer(SharedData.path("models/stories260k"))
    #expect(Self.withoutEnds(model.configuration) == Self.withoutEnds(reference.configuration))
    #expect(tokenizer?.header.begin == expected?.header.begin)
    for (name, _) in reference.tensors {
      let (actual, expected) = (try model.tensor(name), try reference.tensor(name))
      #expect(actual.shape == expected.shape)
      #expect(actual.values.map(\.bitPattern) == expected.values.map(\.bitPattern), "\(name)")
    }
  }

  @Test(
    "SmolLM2-135M-Instruct is read whole",
    .enabled(if: SharedData.smolLM2 != nil, "needs SmolLM2's GGUF in the data or cache folder"))
  func smolLM2() throws {
    let (model, tokenizer) = try ImportedModel.withTokenizer(#require(SharedData.smolLM2))
    guard case .decoder(let decoder) = model.configuration else { return }
    #expect((decoder.layers, decoder.width, decoder.heads, decoder.keyValueHeads) == (30, 576, 9, 3))
    #expect((decoder.hidden, decoder.vocabulary, decoder.context) == (1_536, 49_152, 8_192))
    #expect(decoder.ropeTheta == 100_000 && decoder.tiedEmbeddings)
    #expect(decoder.endTokens == [2])
    #expect(tokenizer?.count == 49_152)
    #expect(model.chatTemplate?.contains("<|im_start|>") == true)
    #expect(model.sourceRecord().licence == "apache-2.0")
    #expect(try model.tensor("model.layers.29.mlp.down_proj.weight").shape == [576, 1_536])
  }
}
