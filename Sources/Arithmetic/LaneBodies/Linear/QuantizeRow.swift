import ScalarKernels

extension FloatLanes {
  /// ``quantizeRowDynamic(_:columns:into:)``, sixteen values a step. A maximum has no order, so lanes may keep their
  /// own.
  @inlinable @inline(__always)
  public static func quantizeRowDynamic(
    _ row: UnsafePointer<Float>, columns: Int, into codes: RowCodes
  ) -> Float {
    var largest = Self(repeating: 0)
    forEachStep(of: columns) { i, remaining in
      // The accumulator comes second, which is what remains where the value is NaN.
      largest = greater(Self(row + i, remaining: remaining).magnitude, largest)
    }
    let scale = RowScale(absmax: largest.maximum)
    let inverse = Self(repeating: scale.inverse)
    let (low, high) = (Self(repeating: -127), Self(repeating: 127))
    forEachGroup(of: columns) { i, first, second in
      let x = Self(row + i, remaining: first) * inverse
      let y = Self(row + i + 16, remaining: second) * inverse
      Integers.store(
        signed: lesser(greater(x, low), high).rounded, lesser(greater(y, low), high).rounded, at: i,
        of: codes)
    }
    return scale.scale
  }

  /// Runs `body` for the groups of 32 columns with how many columns the first and the second sixteen have.
  @inlinable @inline(__always)
  static func forEachGroup(
    of columns: Int, from start: Int = 0, _ body: (_ i: Int, _ first: Int, _ second: Int) -> Void
  ) {
    var i = start
    while i &+ 32 <= columns {
      body(i, 16, 16)
      i &+= 32
    }
    if i < columns { body(i, columns &- i, max(0, columns &- i &- 16)) }
  }
}
