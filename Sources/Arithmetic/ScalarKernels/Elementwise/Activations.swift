/// The constants of ``gelu(_:)``, shared by every instruction set.
///
/// `Φ(u) − ½` for u from 0 to ``limit`` is cut into 16 segments around k / ``segmentsPerUnit``. In each it is a quadratic polynomial
/// in u, minimax when weighted with u, the last one made to end in ½.
public enum GELUConstants {
  /// Beyond ±`limit` Φ counts as 0 or 1; there it is within 5.5e-6 of that.
  @inlinable public static var limit: Float { 4.4 }
  @inlinable public static var segmentsPerUnit: Float { 3.5 }
  /// 1.5 · 2²³: adding it rounds to an integer, which then is in the lowest bits.
  @inlinable public static var shifter: Float { 12_582_912 }
  /// Each segment's constant coefficient.
  @inlinable public static var c0: SIMD16<Float> {
    SIMD16(
      -3.520_515e-05, -0.001_341_898_8, -0.008_807_715, -0.019_036_029,
      -0.018_311_307, 0.008_638_818, 0.067_995_12, 0.152_573_03,
      0.246_129_18, 0.331_868_95, 0.399_111_8, 0.445_106_98,
      0.472_885_9, 0.487_825_63, 0.495_024_56, 0.497_882_54)
  }
  @inlinable public static var c1: SIMD16<Float> {
    SIMD16(
      0.400_440_87, 0.414_523_12, 0.449_077_46, 0.478_379_93,
      0.477_791_43, 0.436_536_13, 0.361_324_04, 0.270_272_82,
      0.182_807_74, 0.111_996, 0.062_268_242, 0.031_476_926,
      0.014_491_104, 0.006_084_468, 0.002_332_900_4, 0.000_899_185_54)
  }
  @inlinable public static var c2: SIMD16<Float> {
    SIMD16(
      -0.018_148_988, -0.056_634_422, -0.096_952_52, -0.117_991_58,
      -0.118_126_47, -0.102_325_834, -0.078_484_304, -0.053_967_43,
      -0.033_517_383, -0.018_892_622, -0.009_696_892, -0.004_542_711_7,
      -0.001_945_792_1, -0.000_763_047_25, -0.000_274_237_65, -9.498_843_4e-05)
  }
}

/// GELU in its erf form, `x · Φ(x)`, within an absolute error of 4e-5: a hundredth of what rounding its codes to 8 bits
/// loses, without a division or an exponential.
///
/// Φ is odd around ½, so that `x · Φ(x) = x / 2 + |x| · (Φ(|x|) − ½)`. From −4.4 down the result is 0, from 4.4 up it is `x`.
/// NaN gives NaN, ∞ gives ∞.
public func gelu(_ x: Float) -> Float {
  typealias C = GELUConstants
  let raised = -C.limit > x ? -C.limit : x
  let magnitude = raised.magnitude
  let u = C.limit < magnitude ? C.limit : magnitude
  let segment = Int(C.shifter.addingProduct(u, C.segmentsPerUnit).bitPattern & 15)
  let q = C.c0[segment].addingProduct(C.c1[segment].addingProduct(C.c2[segment], u), u)
  return (raised * 0.5).addingProduct(magnitude, q)
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

/// The constants of ``geluTanhGate(_:_:_:count:)``: `−2u · log₂ e` of `u = √(2/π) · (x + 0.044715 · x³)` is
/// `x · (linear + cubic · x²)`.
public enum GELUTanhConstants {
  @inlinable public static var linear: Float { -2.302_208_2 }
  @inlinable public static var cubic: Float { -0.102_943_24 }
}

/// The gate of a GeGLU block, `y = gelu(gate) · up` with GELU's tanh form, `½ · g · (1 + tanh(√(2/π) · (g + 0.044715 · g³)))`,
/// for one row.
///
/// `½ · (1 + tanh u)` is `1 / (1 + exp(−2u))`. `y` may be `gate` or `up` itself.
public func geluTanhGate(
  _ gate: UnsafePointer<Float>, _ up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
) {
  typealias C = GELUTanhConstants
  for i in 0..<count {
    let g = gate[i]
    let exponent = g * C.linear.addingProduct(C.cubic, g * g)
    y[i] = g / (1 + approximateExp2(exponent)) * up[i]
  }
}

/// `cap · tanh(x / cap)`, within 4e-6 · `cap`: a logit that stays within ±`cap`. NaN and infinity give NaN.
///
/// - Parameter cap: Positive.
public func softCap(_ x: Float, cap: Float) -> Float {
  let e = approximateExp2(x * (2 * Exp2Constants.log2e / cap))
  // The product is 0 for every finite x.
  return ((e - 1) / (e + 1) * cap).addingProduct(x, 0)
}

/// ``softCap(_:cap:)`` of one row, in place.
public func softCap(_ x: UnsafeMutablePointer<Float>, count: Int, cap: Float) {
  for i in 0..<count { x[i] = softCap(x[i], cap: cap) }
}
