import Architectures
import TensorCore

extension ModelTransform {
  /// A Hadamard transform of what `down` reads, at run time; its inverse is in the weights.
  ///
  /// These activations, products of gate and up, have the widest range of a layer, and no matrix before them can turn them.
  static let mixDown = ModelTransform(
    "mix-down", "a Hadamard transform of what `down` reads, at run time",
    obstacle: {
      $0.hidden % 32 == 0 ? nil : "its feed-forward layers have \($0.hidden) channels, no multiple of 32"
    },
    apply: { model, _ in model.mixingDown }
  )
}

extension FloatModel {
  fileprivate var mixingDown: FloatModel {
    let mixed = DecoderConfiguration.downHadamard(hidden: configuration.hidden)
    var edits: [String: (FloatTensor) throws -> FloatTensor] = [:]
    for row in rows(.down) {
      edits[row.sources[0].name] = { $0.mixingColumns(mixed, scale: 1 / Double(mixed)) }
    }
    return configured { $0.downHadamard = mixed }.editing(edits)
  }
}

extension DecoderConfiguration {
  /// The most vectors of sixteen channels, of at most 64, that divide a row.
  static func downHadamard(hidden: Int) -> Int {
    guard hidden % 16 == 0 else { return 1 }
    let vectors = hidden / 16
    return min(64, vectors & -vectors)
  }
}

extension FloatTensor {
  /// `x · H · scale`, H as the run-time transform defines it: over `mixed` vectors of 16 columns.
  func mixingColumns(_ mixed: Int, scale: Double = 1) -> FloatTensor {
    var result = values.map { Double($0) }
    butterflies(&result, result.indices, from: 16, to: 16 * mixed)
    return FloatTensor(shape: shape, values: result.map { Float($0 * scale) })
  }
}
