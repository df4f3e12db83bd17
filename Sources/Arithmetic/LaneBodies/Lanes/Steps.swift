/// Runs `body` for the lanes `i ..< i + 16` of a row, sixteen values a step.
///
/// All steps but the last know that they are whole: a loop that asked in every step would spend a third of a short
/// kernel's instructions on masks.
@inlinable @inline(__always)
public func forEachStep(of count: Int, _ body: (_ i: Int, _ remaining: Int) -> Void) {
  let whole = count & ~15
  var i = 0
  while i < whole {
    body(i, 16)
    i &+= 16
  }
  if whole < count { body(whole, count &- whole) }
}
