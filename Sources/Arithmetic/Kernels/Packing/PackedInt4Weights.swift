import Architectures
import ScalarKernels

/// Two-level 4-bit weights in the layout that kernels read; see <doc:Numerics>. Made offline; the arrays are
/// what a pack stores.
///
/// The weight of channel n and input k is the integer `step · (code − zero)`, with a step and a zero point
/// for each channel's group of 32 inputs, times the channel's float scale.
package struct PackedInt4Weights: Sendable, Equatable {
  package let outputs: Int
  package let inputs: Int
  /// `outputs` padded to 16 times `inputs` padded to 32, two codes a byte.
  package let codes: [UInt8]
  /// `(zero << 4) | (step − 1)` for each group of 32 inputs and channel.
  package let groupScales: [UInt8]
  /// `[outputs]`: the sum of each channel's integer weights.
  package let columnSums: [Int32]

  /// Packs row-major `codes`; padded inputs get the group's zero point as their code, so that their weight is
  /// 0.
  ///
  /// - Parameters:
  ///   - codes: `[n, k]`, 0…15.
  ///   - steps: `[n, groups]`, 1…16, where `groups` is `k / 32` rounded up.
  ///   - zeros: `[n, groups]`, 0…15.
  /// - Precondition: The ranges above, and every weight in −127…127.
  package init(rowMajor codes: [UInt8], steps: [UInt8], zeros: [UInt8], outputs n: Int, inputs k: Int) {
    precondition(n > 0 && k > 0 && k <= WeightLayout.maxInputs, "PackedInt4Weights: [\(n), \(k)]")
    let groups = Self.groups(inputs: k)
    precondition(
      codes.count == n * k && steps.count == n * groups && zeros.count == n * groups,
      "PackedInt4Weights: \(codes.count) codes, \(steps.count) steps, \(zeros.count) zeros for [\(n), \(k)]")
    (outputs, inputs) = (n, k)
    var packed = [UInt8](repeating: 0, count: Self.codeByteCount(outputs: n, inputs: k))
    var groupScales = [UInt8](repeating: 0, count: Self.groupScaleByteCount(outputs: n, inputs: k))
    var columnSums = [Int32](repeating: 0, count: n)
    for row in 0..<n {
      for column in 0..<groups * 32 {
        let (step, zero) = (steps[row * groups + column / 32], zeros[row * groups + column / 32])
        precondition(
          (1...16).contains(step) && zero < 16, "PackedInt4Weights: step \(step), zero point \(zero)")
        groupScales[Self.groupScaleIndex(row, column / 32, inputs: k)] = zero << 4 | (step - 1)
        let code = column < k ? codes[row * k + column] : zero
        let weight = Int32(step) * (Int32(code) - Int32(zero))
        precondition(
          code < 16 && abs(weight) <= 127, "PackedInt4Weights: code \(code) gives weight \(weight)")
        let place = Self.place(row, column, inputs: k)
        packed[place.byte] |= code << place.shift
        columnSums[row] += weight
      }
    }
    (self.codes, self.groupScales, self.columnSums) = (packed, groupScales, columnSums)
  }

  package static func groups(inputs k: Int) -> Int { (k + 31) / 32 }

  /// Bytes of the packed codes of `[n, k]` weights.
  package static func codeByteCount(outputs n: Int, inputs k: Int) -> Int {
    WeightFormat.int4.count(.codes, outputs: n, inputs: k)
  }

  /// Bytes of the group scales of `[n, k]` weights.
  package static func groupScaleByteCount(outputs n: Int, inputs k: Int) -> Int {
    WeightFormat.int4.count(.groupScales, outputs: n, inputs: k)
  }

  /// The byte of `[row, column]` and the nibble in it.
  static func place(_ row: Int, _ column: Int, inputs k: Int) -> (byte: Int, shift: UInt8) {
    let line = row / 16 * groups(inputs: k) * 4 + column / 8
    return (line * 64 + row % 16 * 4 + column % 4, column % 8 < 4 ? 0 : 4)
  }

  static func groupScaleIndex(_ row: Int, _ group: Int, inputs k: Int) -> Int {
    (row / 16 * groups(inputs: k) + group) * 16 + row % 16
  }

  /// The sum of each channel's whole-number weights, of weights that are packed already; `inputs` is a multiple of 32.
  static func channelSums(
    _ codes: UnsafePointer<UInt8>, groupScales: UnsafePointer<UInt8>, outputs: Int, inputs: Int
  ) -> [Int32] {
    let groups = inputs / 32
    return (0..<outputs).map { channel in
      var sum: Int32 = 0
      for group in 0..<groups {
        let first = channel / 16 * groups + group
        let scale = Int32(groupScales[first * 16 + channel % 16])
        var codeSum: Int32 = 0
        for byte in 0..<16 {
          let pair = Int32(codes[first * 256 + byte / 4 * 64 + channel % 16 * 4 + byte % 4])
          codeSum &+= pair & 15 &+ pair >> 4
        }
        sum &+= (scale & 15 &+ 1) &* (codeSum &- 32 &* (scale >> 4))
      }
      return sum
    }
  }
}
