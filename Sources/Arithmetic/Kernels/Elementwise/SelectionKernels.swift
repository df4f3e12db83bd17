import ScalarKernels

/// The index of the greatest value of one row, the first of equals: greedy decoding.
package struct MaxIndexKernel: KernelVariant {
  package let requires: InstructionSet
  let body: @Sendable (UnsafePointer<Float>, Int) -> Int

  package static let scalar = Self(requires: .scalar) { maxIndex($0, count: $1) }
  package static let best = select()

  /// - Parameters:
  ///   - x: `[count]`, at least one value.
  /// - Returns: The first index of the greatest value. NaN never wins; a row of nothing but NaN gives 0.
  /// - Complexity: O(`count`); allocates nothing.
  package func callAsFunction(_ x: UnsafePointer<Float>, count: Int) -> Int {
    precondition(count > 0, "MaxIndexKernel: \(count) values")
    return body(x, count)
  }
}

/// The `k` greatest values of one row: top-k sampling and classification.
///
/// The variants differ in how they skip values that cannot enter: once `k` are kept, a vector scan finds the
/// next one above the least of them, which happens about `k · ln(count / k)` times in a row without order.
package struct TopKKernel: KernelVariant {
  package let requires: InstructionSet
  let firstIndexAbove: @Sendable (UnsafePointer<Float>, Int, Int, Float) -> Int

  package static let scalar = Self(requires: .scalar) { firstIndex(in: $0, from: $1, count: $2, above: $3) }
  package static let best = select()

  /// A value and where it stands in its row.
  package typealias Entry = (index: Int, value: Float)

  /// - Parameters:
  ///   - x: `[count]`.
  ///   - k: How many to return, at least 0.
  /// - Returns: The greatest `k` values in descending order, of equals the lower index first. NaN is left out, so
  ///   that fewer than `k` may return.
  /// - Complexity: O(`count + k² · ln(count / k)`) for a row without order, O(`count · k`) for an ascending
  ///   one.
  package func callAsFunction(_ x: UnsafePointer<Float>, count: Int, k: Int) -> [Entry] {
    precondition(count >= 0 && k >= 0, "TopKKernel: \(k) of \(count) values")
    return Array(unsafeUninitializedCapacity: min(k, count)) { kept, found in
      found = self(x, count: count, into: kept)
    }
  }

  /// Writes the greatest values to `kept`, as many as it has room for, without allocating.
  ///
  /// - Returns: How many values were written.
  package func callAsFunction(
    _ x: UnsafePointer<Float>, count: Int, into kept: UnsafeMutableBufferPointer<Entry>
  ) -> Int {
    var (i, found) = (0, 0)
    while i < count, found < kept.count {
      if !x[i].isNaN {
        insert((i, x[i]), into: kept, count: found)
        found += 1
      }
      i += 1
    }
    guard found == kept.count, found > 0 else { return found }
    while true {
      i = firstIndexAbove(x, i, count, kept[found - 1].value)
      if i >= count { return found }
      insert((i, x[i]), into: kept, count: found - 1)
      i += 1
    }
  }

  /// Inserts `new` among the first `count` values, after all that are not smaller: of equals, the one that
  /// comes later in the row ranks lower.
  private func insert(_ new: Entry, into kept: UnsafeMutableBufferPointer<Entry>, count: Int) {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if kept[middle].value >= new.value { low = middle + 1 } else { high = middle }
    }
    for place in stride(from: count, to: low, by: -1) { kept[place] = kept[place - 1] }
    kept[low] = new
  }
}
