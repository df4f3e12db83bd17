import Architectures
import TensorCore
import Testing

@Suite("Tensor tables")
struct TensorTableTests {
  static let configurations = [
    ModelConfiguration.decoder(Samples.decoder), .vision(Samples.vision),
  ]

  @Test("no two rows of a pack and no two tensors of a checkpoint have one name", arguments: configurations)
  func unique(configuration: ModelConfiguration) {
    let table = configuration.tensorTable
    #expect(Set(table.rows.map(\.name)).count == table.rows.count)
    #expect(Set(table.sources.map(\.name)).count == table.sources.count)
    for row in table.rows { #expect(table.find(row.role, row.layer) == row) }
  }

  @Test("a joined layer is as wide as its modules together, and each module reads the same input")
  func joined() {
    let row = Samples.decoder.tensorTable[.queryKeyValue, 1]
    #expect(row.name == "layers.1.qkv")
    #expect(row.outputs == Samples.decoder.queryKeyValueWidth && row.inputs == 32)
    #expect(row.sources.map(\.shape) == [[32, 32], [16, 32], [16, 32]])
    #expect(row.sources.map(\.rotaryHeadSize) == [8, 8, nil])
    #expect(row.biases.isEmpty && !row.hasStoredBias && row.norm == .attentionNorm)
  }

  @Test("a decoder's tensors go by the names of each dialect")
  func decoderNames() {
    let table = Samples.decoder.tensorTable
    let down = table[.down, 1].sources[0]
    #expect(down.name == "model.layers.1.mlp.down_proj.weight")
    #expect(
      down.names == [
        .huggingFace: "model.layers.1.mlp.down_proj.weight", .gguf: "blk.1.ffn_down.weight", .llama2c: "w2",
      ])
    #expect(table[.finalNorm].sources[0].names[.gguf] == "output_norm.weight")
    #expect(table[.embedding].sources[0].names[.llama2c] == "embedding")
  }

  @Test("timm's one matrix of query, key and value is cut into bands")
  func bands() {
    let row = Samples.vision.tensorTable[.queryKeyValue, 0]
    #expect(row.sources.map { $0.bands[.timm] } == [0..<32, 32..<64, 64..<96])
    #expect(Set(row.sources.map { $0.names[.timm] }) == ["blocks.0.attn.qkv.weight"])
    #expect(Set(row.biases.map { $0.names[.timm] }) == ["blocks.0.attn.qkv.bias"])
  }

  @Test("a tied head is the embedding; a head of its own has a row and a tensor")
  func head() {
    var c = Samples.decoder
    #expect(c.tensorTable.find(.head) == nil && c.tensorTable.outputProjection.role == .embedding)
    #expect(c.tensorTable[.draftHead].sources == c.tensorTable[.embedding].sources)
    c.tiedEmbeddings = false
    #expect(c.tensorTable.outputProjection.role == .head)
    #expect(c.tensorTable.sources.last?.name == "lm_head.weight")
    #expect(c.tensorTable[.draftHead].inputName == "head")
  }

  @Test("a head matrix stands between the final norm and the head, in models that say so alone")
  func headMatrix() throws {
    var c = Samples.decoder
    #expect(c.tensorTable.find(.headMatrix) == nil)
    c.headMatrix = true
    let row = c.tensorTable[.headMatrix]
    #expect(row.name == "head_matrix" && row.inputName == "head_matrix" && !row.hasStoredBias)
    #expect(row.kind == .matrix(outputs: 32, inputs: 32, .eightBits))
    #expect(row.sources.map(\.name) == ["head_matrix.weight"] && row.sources[0].names[.gguf] == nil)
    let order = c.tensorTable.rows.map(\.role)
    #expect(order.suffix(3) == [.finalNorm, .headMatrix, .draftHead])
  }

  @Test("a bias on query, key and value is one row's business")
  func bias() {
    var c = Samples.decoder
    let plain = c.tensorTable.sources.map(\.name)
    c.queryKeyValueBias = true
    let added = Set(c.tensorTable.sources.map(\.name)).subtracting(plain)
    #expect(added.count == 3 * c.layers && added.allSatisfy { $0.hasSuffix("_proj.bias") })
    #expect(c.tensorTable[.queryKeyValue, 0].hasStoredBias)
  }

  @Test("norms of a branch's input and output go by the names of their families")
  func branchNorms() {
    var c = Samples.decoder
    (c.branchNorms, c.queryKeyNorm) = (.both, .perHead)
    #expect(
      Set(c.tensorTable.sources.map(\.name)).isSuperset(of: [
        "model.layers.1.input_layernorm.weight", "model.layers.1.post_attention_layernorm.weight",
        "model.layers.1.pre_feedforward_layernorm.weight", "model.layers.1.post_feedforward_layernorm.weight",
      ]))
    #expect(
      c.tensorTable[.attentionOutputNorm, 1].sources[0].name.hasSuffix("post_attention_layernorm.weight"))
    #expect(c.tensorTable[.queryNorm, 0].kind == .norm(width: 8))
    (c.branchNorms, c.queryKeyNorm) = (.output, .overWidth)
    let table = c.tensorTable
    #expect(table.find(.attentionNorm, 0) == nil && table[.queryKeyValue, 0].norm == nil)
    #expect(table[.feedForwardOutputNorm, 0].floats[0].name == "layers.0.feed_forward_output_norm.weight")
    #expect(table[.queryNorm, 0].kind == .norm(width: 32) && table[.keyNorm, 0].kind == .norm(width: 16))
  }

  @Test("a pattern of layers repeats itself")
  func patterns() {
    var c = Samples.decoder
    #expect(c.window(ofLayer: 1) == nil && c.rotary(ofLayer: 1) == .usual && c.turnedChannels == 8)
    (c.windows, c.rotaryLayers, c.rotaryChannels) = ([16, nil], [.local, .none, .usual], 4)
    #expect((0..<4).map(c.window) == [16, nil, 16, nil])
    #expect((0..<4).map(c.rotary) == [.local, .none, .usual, .local] && c.turnedChannels == 4)
  }

  @Test("layers with a static input always store a bias, which a norm's shift may have become")
  func staticBias() {
    var c = Samples.vision
    c.queryKeyValueBias = false
    let row = c.tensorTable[.queryKeyValue, 0]
    #expect(row.biases.isEmpty && row.hasStoredBias)
    #expect(c.tensorTable.needsCalibration && !Samples.decoder.tensorTable.needsCalibration)
  }

  @Test("norms and vectors say what each of their tensors is called")
  func floats() {
    let table = Samples.vision.tensorTable
    #expect(
      table[.attentionNorm, 1].floats.map(\.name) == [
        "layers.1.attention_norm.weight", "layers.1.attention_norm.bias",
      ])
    #expect(table[.positions].floats.map(\.name) == ["positions"])
    #expect(table[.positions].floats.map(\.shape) == [[5, 32]])
    #expect(Samples.decoder.tensorTable[.finalNorm].floats.map(\.name) == ["norm.weight"])
  }
}
