import Architectures
import Checkpoints
import Packs
import TensorCore
import TestSupport
import Testing

@testable import Importers

@Suite("Hugging Face folders")
struct HuggingFaceDirectoryTests {
  private func error(_ folder: TemporaryFolder) -> ImportError? {
    #expect(throws: ImportError.self) { try ImportedModel.open(folder.path) }
  }

  @Test(
    "a Llama with shared heads and tied embeddings opens in every float type",
    arguments: [ElementType.f32, .f16, .bf16])
  func llama(type: ElementType) throws {
    let folder = try tinyLlamaFolder()
    try folder.weights(tinyLlamaTensors(), type: type)
    let model = try ImportedModel.open(folder.path)
    guard case .decoder(let configuration) = model.configuration else {
      Issue.record("not a Llama")
      return
    }
    #expect(
      configuration.headSize == 8 && configuration.keyValueHeads == 2 && configuration.ropeTheta == 10_000)
    #expect(configuration.beginToken == 1 && configuration.endTokens == [2, 3])
    let norm = try model.tensor("model.norm.weight")
    #expect(norm.values == (0..<32).map { 1 + Float($0) / 64 })
    #expect(model.tensors.map(\.name).sorted() == tinyLlamaTensors().map(\.name).sorted())
    #expect(throws: ImportError.self) { try model.tensor("lm_head.weight") }
  }

  @Test("shards are found through their index, and only inside the folder")
  func shards() throws {
    let folder = try tinyLlamaFolder(
      replacing: "\"tie_word_embeddings\": true", with: "\"tie_word_embeddings\": false")
    let tensors = tinyLlamaTensors(tied: false)
    let (first, second) = (tensors.prefix(7), tensors.dropFirst(7))
    func index(_ other: String) -> String {
      let lines =
        first.map { "\"\($0.name)\": \"a.safetensors\"" } + second.map { "\"\($0.name)\": \"\(other)\"" }
      return "{\"weight_map\": {\(lines.joined(separator: ", "))}}"
    }
    try folder.weights(Array(first), to: "a.safetensors")
    try folder.weights(Array(second), to: "b.safetensors")
    try folder.write("model.safetensors.index.json", index("b.safetensors"))
    let model = try ImportedModel.open(folder.path)
    #expect(try model.tensor("lm_head.weight").shape == [48, 32])
    let record = model.sourceRecord()
    #expect(record.files == ["a.safetensors", "b.safetensors"] && record.sha256.utf8.count == 64)
    for bad in ["../b.safetensors", "/etc/passwd", "c.safetensors"] {
      try folder.write("model.safetensors.index.json", index(bad))
      #expect(error(folder) == .missingFile(bad, beside: "model.safetensors.index.json"))
    }
    try folder.write("model.safetensors.index.json", index("a.safetensors"))
    guard case .missingTensor("a.safetensors", _) = error(folder) else {
      Issue.record("not a missing tensor")
      return
    }
  }

  @Test("tensors that are missing, misshapen or too many are named")
  func tensors() throws {
    let folder = try tinyLlamaFolder()
    var tensors = tinyLlamaTensors()
    try folder.weights(tensors.filter { $0.name != "model.layers.1.mlp.up_proj.weight" })
    #expect(
      error(folder) == .missingTensor(file: "model.safetensors", tensor: "model.layers.1.mlp.up_proj.weight"))
    try folder.weights(tensors + [("model.layers.0.self_attn.q_proj.bias", [32])])
    #expect(
      error(folder)
        == .unexpectedTensor(file: "model.safetensors", tensor: "model.layers.0.self_attn.q_proj.bias"))
    try folder.weights(tensors + [("lm_head.weight", [48, 32])])
    #expect(throws: Never.self) { try ImportedModel.open(folder.path) }
    tensors[0].shape = [32, 48]
    try folder.weights(tensors)
    #expect(
      error(folder)
        == .shapeMismatch(
          file: "model.safetensors", tensor: "model.embed_tokens.weight", found: [32, 48], expected: [48, 32])
    )
  }

  @Test("weights that are not finite are refused when read")
  func finite() throws {
    let folder = try tinyLlamaFolder()
    try folder.weights(tinyLlamaTensors())
    var bytes = try MappedFile(path: folder.path + "/model.safetensors").contents()
    let header = bytes[0..<8].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    bytes.replaceSubrange(8 + header + 8..<8 + header + 12, with: [0, 0, 0xC0, 0x7F])
    try folder.write("model.safetensors", bytes)
    let error = #expect(throws: CheckpointError.self) {
      try ImportedModel.open(folder.path).tensor("model.embed_tokens.weight")
    }
    #expect(error?.description.contains("'model.embed_tokens.weight' holds nan at element 2") == true)
  }

  @Test(
    "settings that would change the answer are refused by name",
    arguments: [
      ("\"silu\"", "\"gelu\"", "'hidden_act' is 'gelu'"),
      ("\"LlamaForCausalLM\"", "\"FalconForCausalLM\"", "'architectures' is 'FalconForCausalLM'"),
      ("1e-5", "1e-5, \"attention_bias\": true", "q_proj.bias' is missing"),
      (
        "1e-5", "1e-5, \"rope_scaling\": {\"type\": \"proportional\", \"factor\": 2}",
        "'rope_scaling.type' is 'proportional'"
      ),
      ("1e-5", "0", "'rms_norm_eps' is 0.0, expected"),
      ("\"hidden_size\": 32", "\"hidden_size\": -1", "'hidden_size' is -1, expected 1 to"),
      ("\"hidden_size\": 32", "\"hidden_size\": \"32\"", "'hidden_size' should be an integer"),
      ("\"hidden_size\": 32,", "", "'hidden_size' is missing"),
      ("\"hidden_size\": 32", "\"hidden_size\": 36", "'head_dim' is 9"),
      ("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3", "'num_key_value_heads' is 3"),
      ("\"vocab_size\": 48", "\"vocab_size\": 3", "'eos_token_id' is 3, expected 0 to 2"),
      ("\"vocab_size\": 48", "\"vocab_size\": 99999999999999999999", "'vocab_size'"),
      ("}", "", "cannot be read: not valid JSON"),
      ("1e-5", String(repeating: "[", count: 100_000), "nest deeper than 64"),
    ])
  func settings(old: String, new: String, message: String) throws {
    let folder = try tinyLlamaFolder(replacing: old, with: new)
    try folder.weights(tinyLlamaTensors())
    let error = error(folder)
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }

  @Test(
    "joined projections are read whole, or refused with their shape", arguments: [(64, true), (65, false)])
  func joined(rows: Int, isRight: Bool) throws {
    let folder = try tinyLlamaFolder(replacing: "LlamaForCausalLM", with: "Phi3ForCausalLM")
    let split = [".q_proj.", ".k_proj.", ".v_proj.", ".gate_proj.", ".up_proj."]
    var tensors = tinyLlamaTensors().filter { tensor in !split.contains { tensor.name.contains($0) } }
    for layer in 0..<2 {
      tensors.append(("model.layers.\(layer).self_attn.qkv_proj.weight", [rows, 32]))
      tensors.append(("model.layers.\(layer).mlp.gate_up_proj.weight", [128, 32]))
    }
    try folder.weights(tensors)
    if isRight {
      _ = try ImportedModel.open(folder.path)
    } else {
      #expect(error(folder)?.description.contains("qkv_proj.weight' has shape [65, 32]") == true)
    }
  }

  @Test("the llama3 rotary rule is read, from its old and its new place")
  func ropeScaling() throws {
    let rule = """
      "rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
      "original_max_position_embeddings": 64
      """
    for new in [
      "1e-5, \"rope_theta\": 500000, \"rope_scaling\": {\(rule)}",
      "1e-5, \"rope_parameters\": {\"rope_theta\": 500000, \(rule)}",
    ] {
      let folder = try tinyLlamaFolder(replacing: "1e-5", with: new)
      try folder.weights(tinyLlamaTensors())
      guard case .decoder(let configuration) = try ImportedModel.open(folder.path).configuration else {
        Issue.record("a Llama's folder opened as something else")
        return
      }
      #expect(configuration.ropeTheta == 500_000)
      #expect(
        configuration.ropeScaling
          == .llama3(
            .init(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 64)))
    }
  }

  @Test("generation defaults, chat template and licence come from the files beside")
  func beside() throws {
    let folder = try tinyLlamaFolder()
    try folder.weights(tinyLlamaTensors())
    try folder.write(
      "generation_config.json", "{\"eos_token_id\": 7, \"temperature\": 0.6, \"top_p\": 0.9, \"top_k\": 40}")
    try folder.write(
      "tokenizer_config.json",
      "{\"chat_template\": [{\"name\": \"x\", \"template\": \"hm\"}, {\"name\": \"default\", \"template\": \"hi\"}]}"
    )
    try folder.write("README.md", "---\nlanguage: en\nlicense: apache-2.0\n---\n# Model\n")
    let model = try ImportedModel.open(folder.path)
    #expect(
      model.generation
        == GenerationDefaults(temperature: 0.6, topK: 40, topP: 0.9, minP: 0))
    #expect(model.configuration.sequences?.endTokens == [7])
    #expect(model.chatTemplate == "hi")
    #expect(model.sourceRecord().licence == "apache-2.0")
    try folder.write("chat_template.jinja", "ho")
    #expect(try ImportedModel.open(folder.path).chatTemplate == "ho")
  }

  @Test("a tied model's own head is used where it is no copy of the embedding")
  func headThatIsNoCopy() throws {
    let folder = try TemporaryFolder()
    var checkpoint = HuggingFaceCheckpoint.language(seed: 1)
    var head = checkpoint.tensors[0]
    head.name = "lm_head.weight"
    checkpoint.tensors.append(head)
    try folder.write(checkpoint)
    let copy = try ImportedModel.open(folder.path)
    #expect(copy.notes.isEmpty && copy.configuration.tensorTable.find(.head) == nil)
    checkpoint.tensors[checkpoint.tensors.count - 1].values[7] += 1
    try folder.write(checkpoint)
    let model = try ImportedModel.open(folder.path)
    #expect(model.notes.count == 1 && model.configuration.tensorTable.find(.head) != nil)
    #expect(try model.tensor("lm_head.weight").values == checkpoint.tensors.last?.values)
  }

  @Test("two classes without labels, and labels that are numbers")
  func labels() throws {
    let folder = try TemporaryFolder()
    var checkpoint = HuggingFaceCheckpoint.classifier(seed: 1)
    checkpoint.config["id2label"] = #"{"0": 60, "1": "cat", "2": 1.5}"#
    try folder.write(checkpoint)
    #expect(try ImportedModel.open(folder.path).labels == ["60", "cat", "1.5"])
    checkpoint.config["id2label"] = nil
    for index in checkpoint.tensors.indices where checkpoint.tensors[index].name.hasPrefix("classifier.") {
      let size = checkpoint.tensors[index].shape.dropFirst().reduce(2, *)
      checkpoint.tensors[index].shape[0] = 2
      checkpoint.tensors[index].values = Array(checkpoint.tensors[index].values.prefix(size))
    }
    try folder.write(checkpoint)
    let model = try ImportedModel.open(folder.path)
    #expect(model.labels == nil && model.configuration.images?.classes == 2)
  }

  @Test(
    "classifiers that answer otherwise than by one class are refused, and weights quantized by others",
    arguments: [
      ("problem_type", "\"multi_label_classification\""),
      ("quantization_config", "{\"quant_method\": \"fp8\"}"), ("hidden_act", "\"gelu_new\""),
    ])
  func otherClassifiers(key: String, value: String) throws {
    let folder = try TemporaryFolder()
    var checkpoint = HuggingFaceCheckpoint.classifier(seed: 1)
    checkpoint.config[key] = value
    try folder.write(checkpoint)
    #expect(error(folder)?.description.contains("'\(key)'") == true)
  }

  @Test("a classifier without preprocessor_config.json has the usual one, which is said")
  func missingPreprocessor() throws {
    let folder = try TemporaryFolder()
    var checkpoint = HuggingFaceCheckpoint.classifier(seed: 1)
    checkpoint.preprocessor = nil
    try folder.write(checkpoint)
    let notes = try ImportedModel.open(folder.path).notes
    #expect(notes.count == 1 && notes[0].hasPrefix("preprocessor_config.json is not there"))
  }

  @Test("what is neither folder nor checkpoint is told what is supported")
  func unsupported() throws {
    let folder = try TemporaryFolder()
    #expect(error(folder)?.description.contains("llama2.c version 0") == true)
    try folder.write("config.json", "{\"architectures\": [\"ViTForImageClassification\"]}")
    #expect(error(folder) == .missingFile("model.safetensors", beside: "config.json"))
  }

  @Test("real models open", .enabled(if: SharedData.available, "needs ../shared/data"))
  func real() throws {
    let vision = try ImportedModel.open(SharedData.path("models/cifar10-vit-tiny"))
    #expect(
      vision.configuration
        == .vision(
          VisionConfiguration(
            imageSize: 32, patchSize: 4, channels: 3, width: 128, layers: 4, heads: 4, hidden: 256,
            classes: 10,
            normEpsilon: 1e-5, queryKeyValueBias: true)))
    #expect(vision.labels?[3] == "cat")
    #expect(vision.preprocessing?.resize == .exact(height: 32, width: 32))
    #expect(vision.preprocessing?.interpolation == .bilinear && vision.preprocessing?.mean[0] == 0.4914)
    let story = try ImportedModel.open(SharedData.path("models/stories260k"))
    #expect(story.configuration.sequences?.endTokens == [1, 2])
    for model in [vision, story] {
      for (name, shape) in model.tensors { #expect(try model.tensor(name).shape == shape) }
    }
    for name in ["early-cifar10-vit", "early-stories-7m"] {
      #expect(throws: Never.self) { try ImportedModel.open(SharedData.path("models/\(name)")) }
    }
  }
}
