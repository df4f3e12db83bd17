import TensorCore

extension DecoderConfiguration {
  /// The tensors of a decoder, one line for each.
  ///
  /// A family with other names than these has a table of its own.
  package var tensorTable: TensorTable {
    let (d, norm) = (headSize, self.norm)
    let embedding = SourceModule(
      [vocabulary, width], huggingFace: "model.embed_tokens", gguf: "token_embd", llama2c: "embedding")
    let head = SourceModule(
      [vocabulary, width], huggingFace: "lm_head", gguf: "output", llama2c: "classifier")
    let query = SourceModule(
      [queryWidth, width], huggingFace: "self_attn.q_proj", gguf: "attn_q", llama2c: "wq", rotaryHeadSize: d)
    let key = SourceModule(
      [keyWidth, width], huggingFace: "self_attn.k_proj", gguf: "attn_k", llama2c: "wk", rotaryHeadSize: d)
    let value = SourceModule(
      [keyWidth, width], huggingFace: "self_attn.v_proj", gguf: "attn_v", llama2c: "wv")
    let output = SourceModule(
      [width, queryWidth], huggingFace: "self_attn.o_proj", gguf: "attn_output", llama2c: "wo")
    let gate = SourceModule([hidden, width], huggingFace: "mlp.gate_proj", gguf: "ffn_gate", llama2c: "w1")
    let up = SourceModule([hidden, width], huggingFace: "mlp.up_proj", gguf: "ffn_up", llama2c: "w3")
    let down = SourceModule([width, hidden], huggingFace: "mlp.down_proj", gguf: "ffn_down", llama2c: "w2")
    let attentionNorm = SourceModule(
      [width], huggingFace: "input_layernorm", gguf: "attn_norm", llama2c: "attention norm")
    let feedForwardNorm = SourceModule(
      [width], huggingFace: "post_attention_layernorm", gguf: "ffn_norm", llama2c: "feed-forward norm")
    let finalNorm = SourceModule(
      [width], huggingFace: "model.norm", gguf: "output_norm", llama2c: "final norm")
    return TensorTable(
      layers: layers,
      before: [.matrix(.embedding, [embedding], .eightBits)],
      layer: [
        .norm(.attentionNorm, norm, attentionNorm),
        .matrix(
          .queryKeyValue, [query, key, value], bias: queryKeyValueBias, reads: .attentionNorm),
        .matrix(.attentionOutput, [output]),
        .norm(.feedForwardNorm, norm, feedForwardNorm),
        .matrix(.gateUp, [gate, up], reads: .feedForwardNorm),
        .matrix(.down, [down]),
      ],
      after: [.norm(.finalNorm, norm, finalNorm)]
        + (tiedEmbeddings ? [] : [.matrix(.head, [head], .eightBits)])
        + [.matrix(.draftHead, [tiedEmbeddings ? embedding : head], .draft)]
    ) { [.huggingFace: "model.layers.\($0).", .gguf: "blk.\($0)."] }
  }
}
