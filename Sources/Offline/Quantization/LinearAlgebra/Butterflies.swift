/// The stages of a Hadamard transform, not normalized: for h = `first`, 2 `first` … below `span`, the values at `i` and `i + h`
/// become their sum and their difference, in each block of `2h` of `range`.
///
/// - Parameter range: Whole blocks of `span` values.
func butterflies(_ values: inout [Double], _ range: Range<Int>, from first: Int = 1, to span: Int) {
  var half = first
  while half < span {
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 2 * half) {
      for index in start..<start + half {
        let (a, b) = (values[index], values[index + half])
        (values[index], values[index + half]) = (a + b, a - b)
      }
    }
    half *= 2
  }
}
