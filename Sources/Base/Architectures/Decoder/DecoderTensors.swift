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
    let finalNorm = SourceModule(
      [width], huggingFace: "model.norm", gguf: "output_norm", llama2c: "final norm")
    return TensorTable(
      layers: layers,
      before: [.matrix(.embedding, [embedding], .eightBits)],
      layer: attentionInputNorm
        + [
          .matrix(
            .queryKeyValue, [query, key, value], bias: queryKeyValueBias,
            reads: branchNorms.hasInput ? .attentionNorm : nil)
        ] + queryKeyNorms
        + [.matrix(.attentionOutput, [output], bias: attentionOutputBias)] + attentionOutputNorm
        + feedForwardInputNorm
        + [
          .matrix(
            .gateUp, [gate, up], bias: feedForwardBias,
            reads: branchNorms.hasInput ? .feedForwardNorm : nil),
          .matrix(.down, [down], bias: feedForwardBias),
        ] + feedForwardOutputNorm,
      after: [.norm(.finalNorm, norm, finalNorm)] + headMatrixRow
        + (tiedEmbeddings ? [] : [.matrix(.head, [head], .eightBits)])
        + [.matrix(.draftHead, [tiedEmbeddings ? embedding : head], .draft)]
    ) { [.huggingFace: "model.layers.\($0).", .gguf: "blk.\($0)."] }
  }
}

extension DecoderConfiguration {
  /// No checkpoint has it: it comes from changes of the float model, which name it.
  private var headMatrixRow: [RowTemplate] {
    guard headMatrix else { return [] }
    return [.matrix(.headMatrix, [SourceModule([width, width], huggingFace: "head_matrix")], .eightBits)]
  }
}

/// The norms of a layer, as far as there are any.
extension DecoderConfiguration {
  private var attentionInputNorm: [RowTemplate] {
    guard branchNorms.hasInput else { return [] }
    let module = SourceModule(
      [width], huggingFace: "input_layernorm", gguf: "attn_norm", llama2c: "attention norm")
    return [.norm(.attentionNorm, norm, module)]
  }

  private var queryKeyNorms: [RowTemplate] {
    if queryKeyNorm == .none { return [] }
    let isPerHead = queryKeyNorm == .perHead
    let query = SourceModule(
      [isPerHead ? headSize : queryWidth], huggingFace: "self_attn.q_norm", gguf: "attn_q_norm")
    let key = SourceModule(
      [isPerHead ? headSize : keyWidth], huggingFace: "self_attn.k_norm", gguf: "attn_k_norm")
    return [.norm(.queryNorm, norm, query), .norm(.keyNorm, norm, key)]
  }

  private var attentionOutputNorm: [RowTemplate] {
    guard branchNorms.hasOutput else { return [] }
    let module = SourceModule(
      [width], huggingFace: "post_attention_layernorm", gguf: "post_attention_norm")
    return [.norm(.attentionOutputNorm, norm, module)]
  }

  /// Hugging Face names it by its place: in families that norm the output of attention as well, that name is taken.
  private var feedForwardInputNorm: [RowTemplate] {
    guard branchNorms.hasInput else { return [] }
    let name = branchNorms.hasOutput ? "pre_feedforward_layernorm" : "post_attention_layernorm"
    let module = SourceModule([width], huggingFace: name, gguf: "ffn_norm", llama2c: "feed-forward norm")
    return [.norm(.feedForwardNorm, norm, module)]
  }

  private var feedForwardOutputNorm: [RowTemplate] {
    guard branchNorms.hasOutput else { return [] }
    let module = SourceModule(
      [width], huggingFace: "post_feedforward_layernorm", gguf: "post_ffw_norm")
    return [.norm(.feedForwardOutputNorm, norm, module)]
  }
}
