import TensorCore

extension VisionConfiguration {
  /// The tensors of a Vision Transformer, one line for each. timm keeps query, key and value in one matrix.
  package var tensorTable: TensorTable {
    let (w, norm) = (width, self.norm)
    let patches = SourceModule(
      [w, channels, patchSize, patchSize], huggingFace: "vit.embeddings.patch_embeddings.projection",
      timm: "patch_embed.proj")
    let classToken = SourceModule([1, 1, w], huggingFace: "vit.embeddings.cls_token", timm: "cls_token")
    let positions = SourceModule(
      [1, tokens, w], huggingFace: "vit.embeddings.position_embeddings", timm: "pos_embed")
    let queryKeyValue = ["query", "key", "value"].enumerated().map { index, name in
      SourceModule(
        [w, w], huggingFace: "attention.attention.\(name)", timm: "attn.qkv",
        timmRows: index * w..<(index + 1) * w)
    }
    let output = SourceModule([w, w], huggingFace: "attention.output.dense", timm: "attn.proj")
    let up = SourceModule([hidden, w], huggingFace: "intermediate.dense", timm: "mlp.fc1")
    let down = SourceModule([w, hidden], huggingFace: "output.dense", timm: "mlp.fc2")
    let attentionNorm = SourceModule([w], huggingFace: "layernorm_before", timm: "norm1")
    let feedForwardNorm = SourceModule([w], huggingFace: "layernorm_after", timm: "norm2")
    let finalNorm = SourceModule([w], huggingFace: "vit.layernorm", timm: "norm")
    let head = SourceModule([classes, w], huggingFace: "classifier", timm: "head")
    return TensorTable(
      layers: layers,
      before: [
        .matrix(.patches, [patches], bias: true, .eightBits, staticInput: true),
        .vector(.classToken, [w], classToken),
        .vector(.positions, [tokens, w], positions),
      ],
      layer: [
        .norm(.attentionNorm, norm, attentionNorm),
        .matrix(
          .queryKeyValue, queryKeyValue, bias: queryKeyValueBias, staticInput: true, reads: .attentionNorm),
        .matrix(.attentionOutput, [output], bias: true, staticInput: true),
        .norm(.feedForwardNorm, norm, feedForwardNorm),
        .matrix(.up, [up], bias: true, staticInput: true, reads: .feedForwardNorm),
        .matrix(.down, [down], bias: true, staticInput: true),
      ],
      after: [
        .norm(.finalNorm, norm, finalNorm),
        .matrix(.head, [head], bias: true, .eightBits, staticInput: true),
      ]
    ) { [.huggingFace: "vit.encoder.layer.\($0).", .timm: "blocks.\($0)."] }
  }
}
