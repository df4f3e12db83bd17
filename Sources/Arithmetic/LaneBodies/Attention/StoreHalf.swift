extension FloatLanes {
  /// `storeHalf` of the definition.
  @inlinable @inline(__always)
  public static func storeHalf(
    _ source: UnsafePointer<Float>, sourceStride: Int, rows: Int, headSize: Int, channels: Int,
    target: UnsafeMutablePointer<Float16>
  ) {
    for row in 0..<rows {
      let (values, halves) = (source + row * sourceStride, target + row * channels)
      forEachStep(of: headSize) { c, remaining in
        Self(values + c, remaining: remaining).store(half: halves + c)
      }
    }
  }
}
