/// The Hadamard transform over vectors of sixteen lanes, in place and not normalized: `H · H = mixed · I`.
///
/// A row is cut into blocks of `mixed` vectors; lane by lane, the values of a block's vectors are mixed by the Hadamard
/// matrix of that size, in stages: in stage h = 1, 2, 4 … vectors `r` and `r + h` become their sum and their difference.
/// No lane meets another, so the transform is the same for every width of registers.
///
/// - Parameters:
///   - x: `[count]`.
///   - count: A multiple of `16 · mixed`.
///   - mixed: A power of two.
public func hadamard(_ x: UnsafeMutablePointer<Float>, count: Int, mixed: Int) {
  var half = 16
  while half < 16 * mixed {
    for start in stride(from: 0, to: count, by: 2 * half) {
      for index in start..<start + half {
        let (a, b) = (x[index], x[index + half])
        (x[index], x[index + half]) = (a + b, a - b)
      }
    }
    half *= 2
  }
}
