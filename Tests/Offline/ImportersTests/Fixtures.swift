import Checkpoints
import Glibc
import Packs
import TensorCore
import TestSupport
import Testing

@testable import Importers

/// A folder of its own, removed with its files when the last reference goes.
final class TemporaryFolder {
  let path: String
  private var files: Set<String> = []

  init() throws {
    var template = Array("/tmp/quantd-test-XXXXXX".utf8CString)
    let isMade = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
    #expect(isMade)
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    files.insert(name)
    let file = try #require(fopen("\(path)/\(name)", "w"))
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  func write(_ checkpoint: HuggingFaceCheckpoint) throws {
    files.formUnion(["config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"])
    try checkpoint.write(to: path)
  }

  /// Writes safetensors weights; a tensor's values count up from its first value.
  func weights(
    _ tensors: [(name: String, shape: Shape)], to name: String = "model.safetensors", type: ElementType = .f32
  )
    throws
  {
    files.insert(name)
    var writer = PackedModelWriter()
    for (index, (tensor, shape)) in tensors.enumerated() {
      let values = (0..<(shape.elementCount ?? 0)).map { Float(index) + Float($0) / 64 }
      switch type {
      case .f16:
        try writer.add(
          tensor: tensor, type: type, shape: shape, values: values.map { Float16($0).bitPattern })
      case .bf16:
        try writer.add(
          tensor: tensor, type: type, shape: shape, values: values.map { UInt16($0.bitPattern >> 16) })
      default: try writer.add(tensor: tensor, type: .f32, shape: shape, values: values)
      }
    }
    // Padding tensors have no place in a foreign model, so shapes here fill multiples of 64 bytes.
    try writer.write(to: "\(path)/\(name)")
  }

  deinit {
    for name in files { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}

/// A Llama of two layers whose tensors all fill 64-byte units.
let tinyLlama = """
  {"architectures": ["LlamaForCausalLM"], "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
   "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 48, "max_position_embeddings": 128,
   "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": [2, 3],
   "hidden_act": "silu"}
  """

func tinyLlamaTensors(tied: Bool = true) -> [(name: String, shape: Shape)] {
  var tensors: [(name: String, shape: Shape)] = [
    ("model.embed_tokens.weight", [48, 32]), ("model.norm.weight", [32]),
  ]
  for layer in 0..<2 {
    for (name, shape) in [
      ("input_layernorm", [32]), ("self_attn.q_proj", [32, 32]), ("self_attn.k_proj", [16, 32]),
      ("self_attn.v_proj", [16, 32]), ("self_attn.o_proj", [32, 32]), ("post_attention_layernorm", [32]),
      ("mlp.gate_proj", [64, 32]), ("mlp.up_proj", [64, 32]), ("mlp.down_proj", [32, 64]),
    ] as [(String, Shape)] { tensors.append(("model.layers.\(layer).\(name).weight", shape)) }
  }
  return tied ? tensors : tensors + [("lm_head.weight", [48, 32])]
}

/// A folder with ``tinyLlama``, after `edit` has replaced parts of its configuration.
func tinyLlamaFolder(replacing old: String = "", with new: String = "") throws -> TemporaryFolder {
  let folder = try TemporaryFolder()
  let parts = old.isEmpty ? [tinyLlama] : tinyLlama.components(around: old)
  #expect(old.isEmpty || parts.count == 2)
  try folder.write("config.json", parts.joined(separator: new))
  return folder
}

extension String {
  /// The text before and after the first occurrence of `pattern`, or all of it.
  fileprivate func components(around pattern: String) -> [String] {
    guard let range = firstRange(of: pattern) else { return [self] }
    return [String(self[..<range.lowerBound]), String(self[range.upperBound...])]
  }
}
