import Architectures
import ScalarKernels

/// 8-bit weights in the layout that kernels read: blocks of 16 output channels × 4 consecutive inputs; see
/// <doc:Numerics>. Made offline; the arrays are what a pack stores.
package struct PackedInt8Weights: Sendable, Equatable {
  package let outputs: Int
  package let inputs: Int
  /// `outputs` padded to 16 times `inputs` padded to 4, padding 0.
  package let codes: [Int8]
  /// `[outputs]`: the sum of each channel's codes.
  package let columnSums: [Int32]

  /// Packs row-major `codes`.
  ///
  /// - Precondition: `codes` is `[n, k]` with values in −127…127, and `k` is at most
  ///   ``WeightLayout/maxInputs``.
  package init(rowMajor codes: [Int8], outputs n: Int, inputs k: Int) {
    precondition(n > 0 && k > 0 && k <= WeightLayout.maxInputs, "PackedInt8Weights: [\(n), \(k)]")
    precondition(codes.count == n * k, "PackedInt8Weights: \(codes.count) codes for [\(n), \(k)]")
    precondition(!codes.contains(-128), "PackedInt8Weights: code -128 is outside of -127...127")
    (outputs, inputs) = (n, k)
    var packed = [Int8](repeating: 0, count: Self.byteCount(outputs: n, inputs: k))
    var columnSums = [Int32](repeating: 0, count: n)
    for row in 0..<n {
      for column in 0..<k {
        packed[Self.index(row, column, inputs: k)] = codes[row * k + column]
        columnSums[row] += Int32(codes[row * k + column])
      }
    }
    (self.codes, self.columnSums) = (packed, columnSums)
  }

  /// Bytes of packed `[n, k]` weights.
  package static func byteCount(outputs n: Int, inputs k: Int) -> Int {
    WeightFormat.int8.count(.codes, outputs: n, inputs: k)
  }

  /// Where the code of `[row, column]` lies.
  package static func index(_ row: Int, _ column: Int, inputs k: Int) -> Int {
    ((row / 16 * ((k + 3) / 4) + column / 4) * 16 + row % 16) * 4 + column % 4
  }

  /// The sum of each channel's codes, of codes that are packed already; `inputs` is a multiple of 4.
  static func channelSums(_ codes: UnsafePointer<Int8>, outputs: Int, inputs: Int) -> [Int32] {
    let quads = inputs / 4
    return (0..<outputs).map { channel in
      var sum: Int32 = 0
      let first = codes + channel / 16 * quads * 64 + channel % 16 * 4
      for quad in 0..<quads {
        for i in 0..<4 { sum &+= Int32(first[quad * 64 + i]) }
      }
      return sum
    }
  }
}
