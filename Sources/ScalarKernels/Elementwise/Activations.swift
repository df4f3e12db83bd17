/// The constants of ``gelu(_:)``, shared by every instruction set.
public enum GELUConstants {
  /// Beyond ±`limit` Φ counts as 0 or 1; there it is within 5.5e-6 of that.
  @inlinable public static var limit: Float { 4.4 }
  /// An odd minimax polynomial for `Φ(x) − ½`, weighted with `|x|` and made to end in ½ at `limit`: `c0·x + c1·x³ + …`.
  @inlinable public static var c0: Float { 0.398_760_855_197_906_5 }
  @inlinable public static var c1: Float { -0.066_076_561_808_586_12 }
  @inlinable public static var c2: Float { 0.009_643_096_476_793_29 }
  @inlinable public static var c3: Float { -0.001_055_009_430_274_367_3 }
  @inlinable public static var c4: Float { 8.429_531_590_081_751e-05 }
  @inlinable public static var c5: Float { -4.725_047_347_164_946e-06 }
  @inlinable public static var c6: Float { 1.740_927_189_075_591_7e-07 }
  @inlinable public static var c7: Float { -3.754_236_921_338_361e-09 }
  @inlinable public static var c8: Float { 3.569_610_232_401_11e-11 }
}

/// GELU in its erf form, `x · Φ(x)`, within an absolute error of 4e-5: a hundredth of what rounding its codes to 8 bits
/// loses, without a division or an exponential.
///
/// Far below zero the result is 1.2e-7 rather than 0, far above it is `x`. NaN gives NaN, ∞ gives ∞.
public func gelu(_ x: Float) -> Float {
  typealias C = GELUConstants
  let raised = -C.limit > x ? -C.limit : x
  let u = C.limit < raised ? C.limit : raised
  let square = u * u
  var q = C.c7.addingProduct(C.c8, square)
  q = C.c6.addingProduct(q, square)
  q = C.c5.addingProduct(q, square)
  q = C.c4.addingProduct(q, square)
  q = C.c3.addingProduct(q, square)
  q = C.c2.addingProduct(q, square)
  q = C.c1.addingProduct(q, square)
  q = C.c0.addingProduct(q, square)
  return raised * Float(0.5).addingProduct(u, q)
}

/// `y = gelu(x)` for one row; `y` may be `x` itself.
public func gelu(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  for i in 0..<count { y[i] = gelu(x[i]) }
}

/// The gate of a SwiGLU block, `y = silu(gate) · up` with `silu(g) = g / (1 + exp(−g))`, for one row.
///
/// The exponential stops at 2¹²⁶: below g = −87 the result is `g · 2⁻¹²⁶ · up` instead of something still
/// smaller. `y` may be `gate` or `up` itself.
public func siluGate(
  _ gate: UnsafePointer<Float>, _ up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
) {
  for i in 0..<count { y[i] = gate[i] / (1 + approximateExp(-gate[i])) * up[i] }
}
