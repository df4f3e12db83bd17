extension FloatLanes {
  /// `hadamard`, up to three stages at a time, so that a block of eight vectors is read and written once.
  ///
  /// Each output is the same tree of sums and differences as in the definition, whose stages it goes through in their
  /// order. A block is finished before the next one begins: it is 4 KB at most and stays in the first-level cache.
  @inlinable @inline(__always)
  public static func hadamard(_ x: UnsafeMutablePointer<Float>, count: Int, mixed: Int) {
    let block = 16 &* mixed
    for start in stride(from: 0, to: count, by: block) { mix(x + start, count: block) }
  }

  /// All stages of one block.
  @inlinable @inline(__always)
  static func mix(_ x: UnsafeMutablePointer<Float>, count: Int) {
    var apart = 16
    while apart < count {
      let vectors = Swift.min(8, count / apart)
      for start in stride(from: 0, to: count, by: vectors &* apart) {
        for first in stride(from: start, to: start &+ apart, by: 16) {
          switch vectors {
          case 8: mixEight(x + first, apart: apart)
          case 4: mixFour(x + first, apart: apart)
          default: mixTwo(x + first, apart: apart)
          }
        }
      }
      apart &*= vectors
    }
  }

  @inlinable @inline(__always)
  static func mixTwo(_ x: UnsafeMutablePointer<Float>, apart: Int) {
    let (a, b) = (Self(x, remaining: 16), Self(x + apart, remaining: 16))
    (a + b).store(x, remaining: 16)
    (a - b).store(x + apart, remaining: 16)
  }

  @inlinable @inline(__always)
  static func mixFour(_ x: UnsafeMutablePointer<Float>, apart: Int) {
    let y = mixedFour(x, apart: apart)
    y.0.store(x, remaining: 16)
    y.1.store(x + apart, remaining: 16)
    y.2.store(x + 2 &* apart, remaining: 16)
    y.3.store(x + 3 &* apart, remaining: 16)
  }

  @inlinable @inline(__always)
  static func mixEight(_ x: UnsafeMutablePointer<Float>, apart: Int) {
    let (a, b) = (mixedFour(x, apart: apart), mixedFour(x + 4 &* apart, apart: apart))
    (a.0 + b.0).store(x, remaining: 16)
    (a.1 + b.1).store(x + apart, remaining: 16)
    (a.2 + b.2).store(x + 2 &* apart, remaining: 16)
    (a.3 + b.3).store(x + 3 &* apart, remaining: 16)
    (a.0 - b.0).store(x + 4 &* apart, remaining: 16)
    (a.1 - b.1).store(x + 5 &* apart, remaining: 16)
    (a.2 - b.2).store(x + 6 &* apart, remaining: 16)
    (a.3 - b.3).store(x + 7 &* apart, remaining: 16)
  }

  /// Two stages of four vectors.
  @inlinable @inline(__always)
  static func mixedFour(_ x: UnsafePointer<Float>, apart: Int) -> (Self, Self, Self, Self) {
    let (a, b) = (Self(x, remaining: 16), Self(x + apart, remaining: 16))
    let (c, d) = (Self(x + 2 &* apart, remaining: 16), Self(x + 3 &* apart, remaining: 16))
    let (sum, difference, otherSum, otherDifference) = (a + b, a - b, c + d, c - d)
    return (
      sum + otherSum, difference + otherDifference, sum - otherSum, difference - otherDifference
    )
  }
}
