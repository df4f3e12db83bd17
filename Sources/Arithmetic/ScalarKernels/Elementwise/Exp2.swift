/// The constants of ``approximateExp2(_:)``, shared by every instruction set. Inlinable, so that a kernel
/// keeps them in registers instead of calling for them.
public enum Exp2Constants {
  /// Arguments are clamped to ±`limit`: there 2ⁿ and every product with the polynomial are normal numbers.
  @inlinable public static var limit: Float { 126 }
  /// Coefficients of the polynomial for 2^f, |f| ≤ ½: fifth degree first, constant last. The constant is 1,
  /// so that integers give exact powers of two.
  @inlinable public static var c5: Float { 0.001_333_355_8 }
  @inlinable public static var c4: Float { 0.009_618_129 }
  @inlinable public static var c3: Float { 0.055_504_11 }
  @inlinable public static var c2: Float { 0.240_226_51 }
  @inlinable public static var c1: Float { 0.693_147_2 }
  @inlinable public static var c0: Float { 1 }
  /// log₂ e, for `exp(x) = exp2(x · log2e)`.
  @inlinable public static var log2e: Float { 1.442_695_040_888_963_4 }
}

/// 2ˣ for `x` clamped to −126…126, within a relative error of 3.3e-6; exact where `x` is an integer.
///
/// NaN becomes −126, so that a masked or broken logit weighs next to nothing and never spreads. Rounds `x` to
/// the integer `n`, evaluates the Taylor polynomial of 2^(x−n) by Horner's rule with fused steps, and adds
/// `n` to the exponent field, which is exact because the polynomial is at least 1 where `n` is −126.
public func approximateExp2(_ x: Float) -> Float {
  let low = x > -Exp2Constants.limit ? x : -Exp2Constants.limit
  let clamped = low < Exp2Constants.limit ? low : Exp2Constants.limit
  let n = clamped.rounded(.toNearestOrEven)
  let f = clamped - n
  var p = Exp2Constants.c4.addingProduct(Exp2Constants.c5, f)
  p = Exp2Constants.c3.addingProduct(p, f)
  p = Exp2Constants.c2.addingProduct(p, f)
  p = Exp2Constants.c1.addingProduct(p, f)
  p = Exp2Constants.c0.addingProduct(p, f)
  return Float(bitPattern: UInt32(bitPattern: Int32(bitPattern: p.bitPattern) + Int32(n) << 23))
}

/// eˣ as ``approximateExp2(_:)`` of `x · log₂ e`, a product rounded once: it adds a relative error of
/// |x|·2⁻²⁴.
public func approximateExp(_ x: Float) -> Float {
  approximateExp2(x * Exp2Constants.log2e)
}
