import TensorCore

/// 4-bit weights in two-level groups of 32 along k: `weight ≈ scale · step · (code − zero)`, all but `scale` integers.
///
/// The integer `step · (code − zero)` lies in −127…127, so that a whole row accumulates in int32 and unpacks into the
/// 8-bit layout. Reference: QServe's progressive group quantization, arXiv 2405.04532.
public struct GroupRounding: Sendable {
  public static let groupSize = 32

  /// `[n, K]`, K = k rounded up to whole groups; each 0…15. Columns beyond k have code = zero.
  public let codes: [UInt8]
  /// `[n, K / 32]`, each 1…16.
  public let steps: [UInt8]
  /// `[n, K / 32]`, each 0…15.
  public let zeros: [UInt8]
  /// `[n]`.
  public let scales: [Float]
  public let paddedColumns: Int

  /// Rounds `weight`, `[n, k]`.
  ///
  /// The channel's scale covers its widest group at step 16; each group then takes the step and zero point with the
  /// least squared error, weighted by `importance` (the mean square of each input) where calibration gave it.
  public init(_ weight: FloatTensor, importance: [Float]? = nil) {
    let (n, k) = (weight.shape[0], weight.shape[1])
    let groups = (k + Self.groupSize - 1) / Self.groupSize
    paddedColumns = groups * Self.groupSize
    var codes = [UInt8](repeating: 0, count: n * paddedColumns)
    var (steps, zeros) = ([UInt8](repeating: 1, count: n * groups), [UInt8](repeating: 0, count: n * groups))
    var scales = [Float](repeating: 0, count: n)
    let weights = Self.padded(importance ?? [Float](repeating: 1, count: k), to: paddedColumns)
    for row in 0..<n {
      let values = Self.padded(Array(weight.row(row)), to: paddedColumns)
      scales[row] = Self.channelScale(values)
      guard scales[row] > 0 else { continue }
      for group in 0..<groups {
        let range = group * Self.groupSize..<(group + 1) * Self.groupSize
        let best = GroupFit.best(values[range], importance: weights[range], scale: scales[row])
        (steps[row * groups + group], zeros[row * groups + group]) = (UInt8(best.step), UInt8(best.zero))
        for (offset, code) in best.codes.enumerated() {
          codes[row * paddedColumns + range.lowerBound + offset] = UInt8(code)
        }
      }
    }
    (self.codes, self.steps, self.zeros, self.scales) = (codes, steps, zeros, scales)
  }

  /// The weights as the kernels see them, `[n, k]`.
  public func dequantized(columns k: Int) -> FloatTensor {
    let (n, groups) = (scales.count, paddedColumns / Self.groupSize)
    var values = [Float](repeating: 0, count: n * k)
    for row in 0..<n {
      for column in 0..<k {
        let group = row * groups + column / Self.groupSize
        let code = Int(codes[row * paddedColumns + column]) - Int(zeros[group])
        values[row * k + column] = Float(Int(steps[group]) * code) * scales[row]
      }
    }
    return FloatTensor(shape: [n, k], values: values)
  }

  /// The scale at which the widest group fits 15 steps of at most 16, and the largest weight fits 127.
  private static func channelScale(_ values: [Float]) -> Float {
    var (widest, largest) = (Float(0), Float(0))
    for start in stride(from: 0, to: values.count, by: groupSize) {
      let group = values[start..<start + groupSize]
      let (low, high) = (min(0, group.min() ?? 0), max(0, group.max() ?? 0))
      widest = max(widest, high - low)
      largest = max(largest, high, -low)
    }
    return max(widest / (15 * 16), largest / 127)
  }

  private static func padded(_ values: [Float], to count: Int) -> [Float] {
    values + [Float](repeating: 0, count: count - values.count)
  }
}

/// The search for one group's step, zero point and codes.
private struct GroupFit {
  var step = 1
  var zero = 0
  var codes: [Int] = []
  var error = Float.infinity

  /// Tries every step from about half the range's to a little above it, each with the zero points near the rounded one.
  static func best(_ values: ArraySlice<Float>, importance: ArraySlice<Float>, scale: Float) -> GroupFit {
    let (low, high) = (min(0, values.min() ?? 0), max(0, values.max() ?? 0))
    let exact = (high - low) / (15 * scale)
    let first = max(1, min(16, Int((exact * 0.6).rounded(.down))))
    let last = max(first, min(16, Int(exact.rounded(.up)) + 1))
    var best = GroupFit()
    for step in first...last {
      let center = Int((-low / (scale * Float(step))).rounded())
      for zero in Set([center - 1, center, center + 1].map { max(0, min(15, $0)) }).sorted() {
        let fit = GroupFit(values, importance, scale: scale, step: step, zero: zero)
        if fit.error < best.error { best = fit }
      }
    }
    return best
  }

  private init() {}

  private init(_ values: ArraySlice<Float>, _ importance: ArraySlice<Float>, scale: Float, step: Int, zero: Int) {
    (self.step, self.zero) = (step, zero)
    let unit = scale * Float(step)
    let reach = 127 / step  // |step · (code − zero)| ≤ 127
    let range = max(0, zero - reach)...min(15, zero + reach)
    (codes, error) = ([], 0)
    codes.reserveCapacity(values.count)
    for (value, weight) in zip(values, importance) {
      let code = max(range.lowerBound, min(range.upperBound, Int((value / unit).rounded(.toNearestOrEven)) + zero))
      let difference = Float(code - zero) * unit - value
      error += difference * difference * weight
      codes.append(code)
    }
  }
}
