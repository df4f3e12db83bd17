/// The decoder families, by the names that packs carry.
package enum DecoderFamily: String, Sendable, CaseIterable {
  case llama
}

/// The families of image models, by the names that packs carry.
package enum VisionFamily: String, Sendable, CaseIterable {
  case vit
}
