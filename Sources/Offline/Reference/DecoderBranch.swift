import Architectures

/// What a transformer layer adds to the stream, in the order of computation.
package enum DecoderBranch: CaseIterable {
  case attention
  case feedForward

  /// The layer's linear layers of this branch: the one that reads the stream, and the one that writes to it.
  func rows(_ table: TensorTable, _ layer: Int) -> (reading: TensorRow, writing: TensorRow) {
    switch self {
    case .attention: (table[.queryKeyValue, layer], table[.attentionOutput, layer])
    case .feedForward: (table[.gateUp, layer], table[.down, layer])
    }
  }

  var norms: (input: TensorRole, output: TensorRole) {
    switch self {
    case .attention: (.attentionNorm, .attentionOutputNorm)
    case .feedForward: (.feedForwardNorm, .feedForwardOutputNorm)
    }
  }
}
