/// The constants of ``gelu(_:)``, shared by every instruction set.
public enum GELUConstants {
  /// Beyond ±`limit` the tail Φ(−|x|) is below 1e-56, so it is evaluated here instead: infinity stays out of
  /// products.
  @inlinable public static var limit: Float { 16 }
  /// p / √2 of Abramowitz & Stegun 7.1.26.
  @inlinable public static var p: Float { 0.231_641_888 }
  /// a₁/2 … a₅/2 of Abramowitz & Stegun 7.1.26.
  @inlinable public static var b1: Float { 0.127_414_796 }
  @inlinable public static var b2: Float { -0.142_248_368 }
  @inlinable public static var b3: Float { 0.710_706_870_5 }
  @inlinable public static var b4: Float { -0.726_576_013_5 }
  @inlinable public static var b5: Float { 0.530_702_714_5 }
  /// −log₂ e / 2, for `exp(−x²/2) = exp2(x² · halfLog2e)`.
  @inlinable public static var halfLog2e: Float { -0.721_347_520_444_481_7 }
}

/// GELU in its exact (erf) form, `x · Φ(x)`, within an absolute error of 6.5e-7 for |x| ≤ 16.
///
/// With `a = min(|x|, 16)`, the tail `h = Φ(−a) = ½ · (a₁t + … + a₅t⁵) · exp(−a²/2)`, `t = 1 / (1 + p·a/√2)`,
/// is the rational–exponential erf of Abramowitz & Stegun 7.1.26 (|error| ≤ 1.5e-7), and `x · Φ(x) = max(x,
/// 0) − a · h` needs no branch. NaN gives NaN, ∞ gives ∞, −∞ gives a value that rounds to −0 in any sum.
public func gelu(_ x: Float) -> Float {
  typealias C = GELUConstants
  let a = abs(x) < C.limit ? abs(x) : C.limit
  let t = 1 / Float(1).addingProduct(C.p, a)
  var q = C.b4.addingProduct(C.b5, t)
  q = C.b3.addingProduct(q, t)
  q = C.b2.addingProduct(q, t)
  q = C.b1.addingProduct(q, t)
  let h = q * t * approximateExp2(a * a * C.halfLog2e)
  let positive = 0 > x ? 0 : x
  return positive.addingProduct(-a, h)
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
