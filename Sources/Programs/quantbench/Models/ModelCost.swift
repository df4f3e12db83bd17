import Architectures
import Packs

extension SequenceTraits {
  /// Multiplications and additions of one token that sees `visible` tokens on average.
  ///
  /// - Parameter head: Whether its logits are computed.
  func operations(visible: Double, head: Bool) -> Double {
    operations.linear + visible * operations.visibleToken + (head ? operations.head : 0)
  }
}

extension ModelPack {
  /// Bytes of weights that one step reads. Not counted are the tokenizer, an embedding table that is not the
  /// head as well, and a head that has a draft, of which a step reads only the few lines of its list.
  var stepBytes: Int {
    let drafted = scheme.weights[TensorRow.name(.draftHead)] != nil
    let hasHead = configuration.tensorTable.find(.head) != nil
    var unread = ["tokenizer."]
    if drafted || hasHead { unread.append(TensorRow.name(.embedding) + ".") }
    if drafted { unread.append(TensorRow.name(.head) + ".") }
    return file.names.filter { name in unread.contains { name.hasPrefix($0) } }.reduce(file.tensorBytes) {
      $0 - (file[$1]?.bytes.count ?? 0)
    }
  }
}
