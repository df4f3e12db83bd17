import TensorCore
import TestSupport
import Testing
import Tokenizers
import Vocabulary

@Suite("Tokenizer models")
struct TokenizerModelTests {
  /// The tensors of a model in memory, and views into them as a mapped pack would give.
  private func stored(_ model: TokenizerModel) -> [String: TensorView] {
    var views: [String: TensorView] = [:]
    for tensor in model.tensors() {
      let storage = AlignedStorage(byteCount: tensor.bytes.count)
      storage.bytes.copyBytes(from: tensor.bytes)
      let bytes = UnsafeRawBufferPointer(rebasing: storage.bytes[..<tensor.bytes.count])
      views[tensor.name] = TensorView(bytes: bytes, type: tensor.type, shape: tensor.shape, owner: storage)
    }
    return views
  }

  @Test("tensors and header give the same model back")
  func storage() throws {
    let merges = SmallTokenizers.byteLevel(merges: [("a", "b"), ("ab", "c")])
    for model in [SmallTokenizers.sentencepiece(), merges, SmallTokenizers.byteLevel()] {
      let views = stored(model)
      #expect(try TokenizerModel(header: model.header, tensor: { views[$0] }) == model)
    }
  }

  @Test("a missing tensor or one of another type is refused by name")
  func damagedStorage() throws {
    let model = SmallTokenizers.sentencepiece()
    for name in stored(model).keys {
      var views = stored(model)
      let view = views.removeValue(forKey: name)
      #expect(throws: TokenizerError.self) { try TokenizerModel(header: model.header, tensor: { views[$0] }) }
      guard let view else { continue }
      views[name] = TensorView(bytes: view.bytes, type: .i8, shape: [view.bytes.count], owner: view.owner)
      #expect(throws: TokenizerError.self) { try TokenizerModel(header: model.header, tensor: { views[$0] }) }
    }
  }

  @Test("damaged bytes in a pack neither trap nor hang")
  func mutatedStorage() throws {
    var random = SeededGenerator(seed: 5)
    for model in [SmallTokenizers.sentencepiece(), SmallTokenizers.byteLevel(merges: [("a", "b")])] {
      for _ in 0..<300 {
        let views = stored(model)
        guard let victim = views.values.randomElement(using: &random), !victim.bytes.isEmpty else { continue }
        let bytes = UnsafeMutableRawBufferPointer(mutating: victim.bytes)
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        let tokenizer = try? Tokenizer(TokenizerModel(header: model.header, tensor: { views[$0] }))
        _ = tokenizer?.decode(tokenizer?.encode("ab é xxx </s>", parseSpecial: true) ?? [])
      }
    }
  }

  @Test("parts that do not fit together are refused")
  func validation() {
    let changes: [(inout TokenizerModel) -> Void] = [
      { $0.types.removeLast() }, { $0.merging = .scores([1]) }, { $0.pieceOffsets = [0] },
      { $0.pieceOffsets = [] },
      { $0.pieceOffsets[5] = 0 }, { $0.pieceOffsets[$0.count] += 1 }, { $0.pieceOffsets[0] = 1 },
      { $0.header.begin = TokenID(267) }, { $0.header.unknown = TokenID(-1) },
      { $0.header.kind = .wordPiece }, { $0.header.suffix = [TokenID(267)] },
      { $0.header.addedTokens = [AddedTokenRule(id: TokenID(300))] },
      { $0.types[260] = .byte }, { $0.pieceBytes[Int($0.pieceOffsets[264])] = 0xff },
      { $0.merging = .scores($0.types.map { _ in .nan }) },
      { $0.merging = .ranked([.init(left: 260, right: 900)]) },
      { $0.merging = .ranked([.init(left: 261, right: 261)]) },
      { model in
        model.pieceBytes.replaceSubrange(
          Int(model.pieceOffsets[4])..<Int(model.pieceOffsets[5]), with: "<0x00>".utf8)
      },
    ]
    for (index, change) in changes.enumerated() {
      #expect(throws: TokenizerError.self, "change \(index)") {
        try Tokenizer(SmallTokenizers.sentencepiece(change))
      }
    }
  }
}
