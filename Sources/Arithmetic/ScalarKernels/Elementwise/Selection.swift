/// The index of the greatest value, the first of equals (−0 equals 0); NaN never wins, and a row of NaN gives
/// 0.
public func maxIndex(_ x: UnsafePointer<Float>, count: Int) -> Int {
  var best: Int?
  for i in 0..<count where !x[i].isNaN {
    if let current = best, x[i] <= x[current] { continue }
    best = i
  }
  return best ?? 0
}

/// The index of the first value above `threshold` at or after `start`; `count` where there is none. NaN is
/// above nothing.
public func firstIndex(
  in x: UnsafePointer<Float>, from start: Int, count: Int, above threshold: Float
) -> Int {
  var i = start
  while i < count, !(x[i] > threshold) { i += 1 }
  return i
}
