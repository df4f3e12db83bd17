import Architectures
import ScalarKernels

#if canImport(Glibc)
  import Glibc
#endif

package typealias PageFormat = ScalarKernels.PageFormat
package typealias PageList = ScalarKernels.PageList
package typealias AttentionNumbers = ScalarKernels.AttentionNumbers
package typealias AttentionState = ScalarKernels.AttentionState

extension AttentionScheme {
  /// The layout of this scheme's pages for heads of `headSize` channels.
  package func pageFormat(headSize: Int) -> PageFormat {
    PageFormat(
      headSize: headSize, keyBits: keyBits, valueBits: valueBits, scalesTokens: valueScale == .token)
  }

  /// What the kernels compute with for heads of `headSize` channels.
  ///
  /// - Precondition: `queryBits` is 8 or 4; with a scale per token probabilities are `log64`.
  package func numbers(headSize: Int, logits: LogitRule = LogitRule()) -> AttentionNumbers {
    precondition(queryBits == 8 || queryBits == 4, "AttentionScheme: \(queryBits) bits for the query")
    precondition(
      valueScale == .channel || probabilities == .log64, "AttentionScheme: \(probabilities) with V per token")
    return AttentionNumbers(
      format: pageFormat(headSize: headSize), queryLimit: queryBits == 8 ? 127 : 7,
      logitScale: logits.baseTwoScale(headSize: headSize), logitCap: logits.baseTwoCap,
      codesPerOctave: probabilities.codesPerOctave ?? 0, table: probabilities.table)
  }
}

extension ProbabilityCode {
  /// The weights of the 64 log codes, `rint(255 · 2^(−code/κ))`; all 0 where an exponential is evaluated.
  package var table: UnsafePointer<UInt8> {
    switch self {
    case .log2: Self.log2Table.pointer
    case .sqrt2: Self.sqrt2Table.pointer
    case .log64: Self.log64Table.pointer
    case .u8: Self.noTable.pointer
    }
  }

  private static let log2Table = WeightTable(codesPerOctave: 1)
  private static let sqrt2Table = WeightTable(codesPerOctave: 2)
  private static let log64Table = WeightTable(codesPerOctave: 6)
  private static let noTable = WeightTable(codesPerOctave: nil)
}

/// One 64-byte table, a 512-bit register, that is never freed: kernels hold plain pointers to it.
private struct WeightTable: @unchecked Sendable {  // Sendable: written once, before anyone can see it.
  let pointer: UnsafePointer<UInt8>

  init(codesPerOctave: Double?) {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64).bindMemory(
      to: UInt8.self, capacity: 64)
    for code in 0..<64 {
      let weight = codesPerOctave.map { (255 * exp2(-Double(code) / $0)).rounded(.toNearestOrEven) } ?? 0
      bytes[code] = UInt8(weight)
    }
    pointer = UnsafePointer(bytes)
  }
}
