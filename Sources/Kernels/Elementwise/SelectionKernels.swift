import AVX2Kernels
import AVX512Kernels
import ScalarKernels

/// The index of the greatest value of one row, the first of equals: greedy decoding.
public struct MaxIndexKernel: KernelVariant {
  public let requires: InstructionSet
  let body: @Sendable (UnsafePointer<Float>, Int) -> Int

  public static let all = [
    Self(requires: .avx512) { maxIndexAVX512($0, count: $1) },
    Self(requires: .avx2) { maxIndexAVX2($0, count: $1) },
    Self(requires: .scalar) { maxIndex($0, count: $1) },
  ]
  public static let best = select()

  /// - Parameters:
  ///   - x: `[count]`, at least one value.
  /// - Returns: The first index of the greatest value. NaN never wins; a row of nothing but NaN gives 0.
  /// - Complexity: O(`count`); allocates nothing.
  public func callAsFunction(_ x: UnsafePointer<Float>, count: Int) -> Int {
    precondition(count > 0, "MaxIndexKernel: \(count) values")
    return body(x, count)
  }
}

/// The `k` greatest values of one row: top-k sampling and classification.
///
/// The variants differ in how they skip values that cannot enter: once `k` are kept, a vector scan finds the
/// next one above the least of them, which happens about `k · ln(count / k)` times in a row without order.
public struct TopKKernel: KernelVariant {
  public let requires: InstructionSet
  let firstIndexAbove: @Sendable (UnsafePointer<Float>, Int, Int, Float) -> Int

  public static let all = [
    Self(requires: .avx512) { firstIndexAVX512(in: $0, from: $1, count: $2, above: $3) },
    Self(requires: .avx2) { firstIndexAVX2(in: $0, from: $1, count: $2, above: $3) },
    Self(requires: .scalar) { firstIndex(in: $0, from: $1, count: $2, above: $3) },
  ]
  public static let best = select()

  /// - Parameters:
  ///   - x: `[count]`.
  ///   - k: How many to return, at least 0.
  /// - Returns: The greatest `k` values in descending order, of equals the lower index first. NaN is left out, so
  ///   that fewer than `k` may return.
  /// - Complexity: O(`count + k² · ln(count / k)`) for a row without order, O(`count · k`) for an ascending
  ///   one.
  public func callAsFunction(_ x: UnsafePointer<Float>, count: Int, k: Int) -> [(index: Int, value: Float)] {
    precondition(count >= 0 && k >= 0, "TopKKernel: \(k) of \(count) values")
    guard k > 0 else { return [] }
    var kept: [(index: Int, value: Float)] = []
    kept.reserveCapacity(min(k, count) + 1)
    var i = 0
    while i < count, kept.count < k {
      if !x[i].isNaN { insert((i, x[i]), into: &kept) }
      i += 1
    }
    while let least = kept.last {
      i = firstIndexAbove(x, i, count, least.value)
      if i >= count { break }
      kept.removeLast()
      insert((i, x[i]), into: &kept)
      i += 1
    }
    return kept
  }

  /// Inserts behind every value that is not smaller; what comes later in the row loses against equals.
  private func insert(_ new: (index: Int, value: Float), into kept: inout [(index: Int, value: Float)]) {
    var (low, high) = (0, kept.count)
    while low < high {
      let middle = (low + high) / 2
      if kept[middle].value >= new.value { low = middle + 1 } else { high = middle }
    }
    kept.insert(new, at: low)
  }
}
