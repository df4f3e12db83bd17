import Models
import Packs

extension ViTConfiguration {
  /// Multiplications and additions of one image. The last layer needs keys and values of all tokens and everything else
  /// of the class token alone, and no more is counted.
  var operations: Double {
    let (t, w) = (Double(tokens), Double(width))
    let joined = t * 3 * w * w
    let restOfToken = 2 * t * w + w * w + 2 * w * Double(hidden)
    let ends = Double(patches * patchValues) * w + Double(classes) * w
    return 2 * (Double(layers) * joined + (Double(layers - 1) * t + 1) * restOfToken + ends)
  }
}

extension LlamaConfiguration {
  /// Multiplications and additions of one token that sees `visible` tokens on average.
  ///
  /// - Parameter head: Whether its logits are computed.
  func operations(visible: Double, head: Bool) -> Double {
    let attentionWidth = Double(heads * headSize)
    let linear =
      Double(width * queryKeyValueWidth) + attentionWidth * Double(width) + 3 * Double(width) * Double(hidden)
    let attention = 2 * attentionWidth * visible
    return 2 * (Double(layers) * (linear + attention) + (head ? Double(width * vocabulary) : 0))
  }
}

extension ModelPack {
  /// Bytes of weights that one step reads: everything but the tokenizer, an embedding table of its own, and a head that
  /// has a draft, of which the few lines of a shortlist are not counted.
  var stepBytes: Int {
    var unread = ["tokenizer."]
    if case .llama(let llama) = configuration {
      let drafted = file.names.contains { $0.hasPrefix(LlamaNames.draftHead + ".") }
      if drafted || !llama.tiedEmbeddings { unread.append(LlamaNames.embedding + ".") }
      if drafted { unread.append(LlamaNames.head + ".") }
    }
    return file.names.filter { name in unread.contains { name.hasPrefix($0) } }.reduce(file.tensorBytes) {
      $0 - (file[$1]?.bytes.count ?? 0)
    }
  }
}
