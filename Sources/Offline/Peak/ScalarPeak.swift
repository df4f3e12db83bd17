// What measures a machine's limits: multiply-adds without memory, and reads without arithmetic. Every variant does the same
// work as fast as its instructions can. The results mean nothing; they are returned so that no compiler removes the work.

/// Operations (a multiplication and an addition are two) of one round of ``peakInt8(rounds:)``.
let peakInt8Operations = 2

/// `rounds` rounds of integer multiply-adds.
func peakInt8(rounds: Int) -> Int32 {
  var sum: Int32 = 1
  for round in 0..<rounds { sum = sum &* 3 &+ Int32(truncatingIfNeeded: round) }
  return sum
}

/// Operations of one round of ``peakFloat(rounds:)``.
let peakFloatOperations = 2

/// `rounds` rounds of fused float multiply-adds.
func peakFloat(rounds: Int) -> Float {
  var sum: Float = 1
  for _ in 0..<rounds { sum = Float(0.25).addingProduct(sum, 0.5) }
  return sum
}

/// Reads `count` bytes, a multiple of 4,096, from `bytes`.
func peakRead(_ bytes: UnsafeRawPointer, count: Int) -> Int64 {
  var sum: Int64 = 0
  for offset in stride(from: 0, to: count, by: 8) {
    sum &+= bytes.load(fromByteOffset: offset, as: Int64.self)
  }
  return sum
}
