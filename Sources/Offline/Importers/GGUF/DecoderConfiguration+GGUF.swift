import Architectures
import Checkpoints

extension DecoderConfiguration {
  /// Reads what all architectures have, with the defaults of llama.cpp.
  init(gguf source: GGUFSource) throws {
    let (settings, width) = (source.settings, try source.integer("embedding_length", Limits.width))
    let heads = try source.integer("attention.head_count", Limits.heads)
    // Without `key_length`, heads fill the width.
    if settings[source.key("attention.key_length")] == nil, width % heads != 0 {
      throw ImportError.outOfRange(
        file: settings.file, key: source.key("attention.head_count"), found: "\(heads)",
        expected: "a divisor of embedding_length, \(width)")
    }
    let headSize = try source.integer("attention.key_length", Limits.headSize, or: width / heads)
    let rope = try GGUFRope(
      source, context: try source.integer("context_length", Limits.context), headSize: headSize)
    self.init(
      family: source.architecture.family, width: width,
      hidden: try source.integer("feed_forward_length", Limits.hidden),
      layers: try source.integer("block_count", Limits.layers), heads: heads,
      keyValueHeads: try source.integer("attention.head_count_kv", Limits.heads, or: heads),
      headSize: headSize, vocabulary: try source.vocabulary(), context: rope.context, ropeTheta: rope.theta,
      ropeScaling: rope.rule,
      normEpsilon: Float(
        try settings.number(source.key("attention.layer_norm_rms_epsilon"), in: Limits.epsilon)),
      queryKeyValueBias: source.has("blk.0.attn_q.bias"), tiedEmbeddings: !source.has("output.weight"),
      beginToken: nil, endTokens: [])
    rotaryChannels = rope.channels
    attentionOutputBias = source.has("blk.0.attn_output.bias")
    feedForwardBias = source.has("blk.0.ffn_gate.bias")
    try source.requireUsual(headSize: headSize)
    try source.architecture.adjust(&self, source)
    try checkDivisions(file: settings.file)
    try settings.requireAllAsked(
      prefix: source.key(""),
      except: ["vocab_size", "rope.scaling.finetuned"] + source.architecture.harmless)
  }
}

extension GGUFSource {
  /// The rows of the embedding; `vocab_size` and the vocabulary are its own, and older files lack the first.
  fileprivate func vocabulary() throws -> Int {
    if let size = try settings.integerIfPresent(key("vocab_size"), in: Limits.vocabulary) { return size }
    guard let embedding = parts["token_embd.weight"], embedding.shape.rank == 2,
      Limits.vocabulary.contains(embedding.shape[0])
    else { throw ImportError.missingTensor(file: settings.file, tensor: "token_embd.weight") }
    return embedding.shape[0]
  }

  /// Refuses what the common keys can say and no model here computes.
  fileprivate func requireUsual(headSize: Int) throws {
    try settings.require(key("attention.value_length"), among: ["\(headSize)"])
    try settings.require(key("attention.causal"), among: ["true"])
    try settings.require(key("use_parallel_residual"), among: ["false"])
    for name in ["expert_count", "expert_used_count", "attention.clamp_kqv", "attention.max_alibi_bias"] {
      try settings.require(key(name), neutral: 0)
    }
  }
}
