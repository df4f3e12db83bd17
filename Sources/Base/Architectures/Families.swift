/// The decoder families, by the names that packs carry.
package enum DecoderFamily: String, Sendable, CaseIterable {
  case llama, mistral, qwen2, qwen3, smollm3, granite, olmo2, phi3, gemma, gemma2, gemma3
}

/// The families of image models, by the names that packs carry.
package enum VisionFamily: String, Sendable, CaseIterable {
  case vit
}
