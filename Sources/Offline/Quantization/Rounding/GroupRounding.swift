import Kernels
import TensorCore

/// 4-bit weights in two-level groups of 32 along k: `weight ≈ scale · step · (code − zero)`, all but `scale` integers.
///
/// The integer `step · (code − zero)` lies in −127…127, so that a whole row accumulates in int32 and unpacks into the
/// 8-bit layout. Reference: QServe's progressive group quantization, arXiv 2405.04532.
package struct GroupRounding: Sendable {
  package static let groupSize = 32

  /// `[n, K]`, K = k rounded up to whole groups; each 0…15. Columns beyond k have code = zero.
  package let codes: [UInt8]
  /// `[n, K / 32]`, each 1…16.
  package let steps: [UInt8]
  /// `[n, K / 32]`, each 0…15.
  package let zeros: [UInt8]
  /// `[n]`.
  package let scales: [Float]
  package let paddedColumns: Int

  /// Rounds `weight`, `[n, k]`, finite.
  ///
  /// Several scales of a channel are tried; under each, a group takes the step and zero point with the least squared
  /// error, weighted by `importance` (the mean square of each input) where calibration gave it.
  ///
  /// - Parameter pool: Shares the rows between its threads.
  package init(_ weight: FloatTensor, importance: [Float]? = nil, pool: WorkerPool? = nil) {
    let (n, k) = (weight.shape[0], weight.shape[1])
    let groups = (k + Self.groupSize - 1) / Self.groupSize
    paddedColumns = groups * Self.groupSize
    var codes = [UInt8](repeating: 0, count: n * paddedColumns)
    var (steps, zeros) = ([UInt8](repeating: 1, count: n * groups), [UInt8](repeating: 0, count: n * groups))
    var scales = [Float](repeating: 0, count: n)
    let weights = Self.padded(importance ?? [Float](repeating: 1, count: k), to: paddedColumns)
    let fit = { (row: Int) in
      ScaledRow(Self.padded(Array(weight.row(row)), to: weights.count)).best(importance: weights)
    }
    for (row, best) in (pool?.map(n, fit) ?? (0..<n).map(fit)).enumerated() {
      guard let (scaled, fit) = best else { continue }
      let values = scaled.values
      scales[row] = scaled.restored(fit.scale)
      for (group, best) in fit.groups.enumerated() {
        let start = group * Self.groupSize
        (steps[row * groups + group], zeros[row * groups + group]) = (UInt8(best.step), UInt8(best.zero))
        for (offset, code) in best.codes(values[start..<start + Self.groupSize], scale: fit.scale)
          .enumerated()
        {
          codes[row * paddedColumns + start + offset] = code
        }
      }
    }
    (self.codes, self.steps, self.zeros, self.scales) = (codes, steps, zeros, scales)
  }

  /// The same scales, steps and zero points with other codes: of `[n, k]`, each less its group's zero point.
  init(codes centred: [Float], like other: GroupRounding) {
    (steps, zeros, scales, paddedColumns) = (other.steps, other.zeros, other.scales, other.paddedColumns)
    var codes = other.codes
    let (n, k, groups) = (scales.count, centred.count / max(1, scales.count), paddedColumns / Self.groupSize)
    for row in 0..<n {
      for column in 0..<k {
        let zero = Float(zeros[row * groups + column / Self.groupSize])
        codes[row * paddedColumns + column] = UInt8(centred[row * k + column] + zero)
      }
    }
    self.codes = codes
  }

  /// What a code less its zero point may be, and what it is worth.
  func grid(columns k: Int) -> RoundingGrid {
    let groups = paddedColumns / Self.groupSize
    return RoundingGrid(
      inputs: k, groupSize: Self.groupSize,
      groups: steps.indices.map { index in
        let range = GroupFit(step: Int(steps[index]), zero: Int(zeros[index]), error: 0).range
        return RoundingGrid.Group(
          unit: scales[index / groups] * Float(steps[index]), lowest: range.lowerBound,
          highest: range.upperBound)
      })
  }

  /// The weights as the kernels see them, `[n, k]`.
  package func dequantized(columns k: Int) -> FloatTensor {
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

  private static func padded(_ values: [Float], to count: Int) -> [Float] {
    values + [Float](repeating: 0, count: count - values.count)
  }
}

extension ScaledRow {
  /// The row with its scale, steps and zero points; nil for zeros.
  fileprivate func best(importance: [Float]) -> (row: ScaledRow, fit: ChannelFit)? {
    ChannelFit.best(values, importance: importance).map { (self, $0) }
  }
}

/// One channel's scale with the best step and zero point of each group under it.
private struct ChannelFit {
  let scale: Float
  let groups: [GroupFit]
  let error: Float

  /// Tries the scales that give the widest group a step of 8 to 16; nil for a channel of zeros.
  ///
  /// 16 leaves the finest scale to the other groups, but `|step · (code − zero)| ≤ 127` then costs a symmetric group one of
  /// its 16 levels and a one-sided group half of them; 15 and 8 are the largest steps that cost them nothing.
  static func best(_ values: [Float], importance: [Float]) -> ChannelFit? {
    let starts = stride(from: 0, to: values.count, by: GroupRounding.groupSize)
    let groups = starts.map { $0..<$0 + GroupRounding.groupSize }
    let widest = groups.reduce(Float(0)) { widest, range in
      max(widest, max(0, values[range].max() ?? 0) - min(0, values[range].min() ?? 0))
    }
    guard widest > 0 else { return nil }
    let candidates = (8...16).map { step in
      ChannelFit(values, importance, groups, scale: widest / Float(15 * step))
    }
    return candidates.min { $0.error < $1.error }
  }

  private init(_ values: [Float], _ importance: [Float], _ ranges: [Range<Int>], scale: Float) {
    self.scale = scale
    groups = ranges.map { GroupFit.best(values[$0], importance: importance[$0], scale: scale) }
    error = groups.reduce(0) { $0 + $1.error }
  }
}

/// One group's step and zero point, and what they cost.
private struct GroupFit {
  let step: Int
  let zero: Int
  let error: Float

  /// Tries every step from about half the range's to a little above it, each with the zero points near the rounded one.
  static func best(_ values: ArraySlice<Float>, importance: ArraySlice<Float>, scale: Float) -> GroupFit {
    let (low, high) = (min(0, values.min() ?? 0), max(0, values.max() ?? 0))
    let exact = (high - low) / (15 * scale)
    let first = max(1, min(16, Int((exact * 0.6).rounded(.down))))
    let last = max(first, min(16, Int(exact.rounded(.up)) + 1))
    var best = GroupFit(step: 1, zero: 0, error: .infinity)
    for step in first...last {
      let center = Int((-low / (scale * Float(step))).rounded())
      for zero in max(0, min(15, center - 1))...max(0, min(15, center + 1)) {
        let fit = GroupFit(step: step, zero: zero, error: 0)
        let error = fit.error(values, importance, scale: scale, limit: best.error)
        if error < best.error { best = GroupFit(step: step, zero: zero, error: error) }
      }
    }
    return best
  }

  /// Codes less the zero point, so that `|step · code| ≤ 127`.
  var range: ClosedRange<Float> {
    let reach = 127 / step
    return Float(max(-zero, -reach))...Float(min(15 - zero, reach))
  }

  /// The weighted squared error, or some number above `limit`.
  private func error(
    _ values: ArraySlice<Float>, _ importance: ArraySlice<Float>, scale: Float, limit: Float
  ) -> Float {
    let (unit, range) = (scale * Float(step), range)
    var sum: Float = 0
    for start in stride(from: values.startIndex, to: values.endIndex, by: 16) {
      let (value, weight) = (Lanes(values[start..<start + 16]), Lanes(importance[start..<start + 16]))
      let code = (value / unit).clamped(
        lowerBound: Lanes(repeating: range.lowerBound), upperBound: Lanes(repeating: range.upperBound))
      let difference = Self.rounded(code) * unit - value
      let costs = difference * difference * weight
      // One after another, so that the sum is that of a loop over values.
      for lane in 0..<16 { sum += costs[lane] }
      if sum > limit { break }
    }
    return sum
  }

  private typealias Lanes = SIMD16<Float>

  /// The nearest whole numbers, ties to even, of magnitudes below 2²²: without a call for each.
  private static func rounded(_ values: Lanes) -> Lanes { (values + 0x1.8p23) - 0x1.8p23 }

  /// `[groupSize]`, each 0…15.
  func codes(_ values: ArraySlice<Float>, scale: Float) -> [UInt8] {
    let (unit, range) = (scale * Float(step), range)
    return values.map { value in
      UInt8(
        max(range.lowerBound, min(range.upperBound, (value / unit).rounded(.toNearestOrEven))) + Float(zero))
    }
  }
}
