#if canImport(Glibc)
  import Glibc
#endif

/// A resampling kernel: zero outside `−support...support`.
struct Filter {
  let support: Double
  let value: (Double) -> Double

  init?(_ interpolation: ImagePreprocessing.Interpolation) {
    switch interpolation {
    case .nearest: return nil
    case .bilinear: self.init(support: 1) { $0.magnitude < 1 ? 1 - $0.magnitude : 0 }
    case .bicubic: self.init(support: 2, value: Self.bicubic)
    case .lanczos: self.init(support: 3) { $0 >= -3 && $0 < 3 ? Self.sinc($0) * Self.sinc($0 / 3) : 0 }
    case .box: self.init(support: 0.5) { $0 > -0.5 && $0 <= 0.5 ? 1 : 0 }
    case .hamming: self.init(support: 1, value: Self.hamming)
    }
  }

  private init(support: Double, value: @escaping (Double) -> Double) {
    self.support = support
    self.value = value
  }

  /// Keys's cubic with a = −1/2.
  private static func bicubic(_ x: Double) -> Double {
    let (a, x) = (-0.5, x.magnitude)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }

  /// The cardinal sine in a Hamming window, whose two constants Pillow has in single precision.
  private static func hamming(_ x: Double) -> Double {
    guard x.magnitude < 1 else { return 0 }
    return sinc(x.magnitude) * (Double(0.54 as Float) + Double(0.46 as Float) * cos(x.magnitude * .pi))
  }

  private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
}

/// The fixed-point weights of one axis: for every new sample of a part of it, where its old samples begin and
/// what they weigh.
///
/// The normalized weights of one sample are under 2²² · 1.3 in total magnitude, so sums of 8-bit samples fit 32 bits.
struct Weights {
  /// The weights of two neighbouring samples, each as `high · 2¹⁶ + low` with a signed `low`, four times.
  struct Pair {
    private let lows: SIMD2<Int16>
    private let highs: SIMD2<Int16>

    init(_ first: Int32, _ second: Int32) {
      let both = SIMD2(first, second)
      lows = SIMD2(truncatingIfNeeded: both)
      highs = SIMD2(truncatingIfNeeded: (both &- SIMD2<Int32>(truncatingIfNeeded: lows)) &>> 16)
    }

    @inline(__always) var low: SIMD8<Int16> { Self.fourTimes(lows) }
    @inline(__always) var high: SIMD8<Int16> { Self.fourTimes(highs) }

    @inline(__always)
    private static func fourTimes(_ weights: SIMD2<Int16>) -> SIMD8<Int16> {
      // A pair is one word, which one instruction repeats.
      unsafeBitCast(SIMD4(repeating: unsafeBitCast(weights, to: UInt32.self)), to: SIMD8<Int16>.self)
    }
  }

  static let fractionBits: Int32 = 22

  /// The old samples that any of the new ones is made from.
  let source: Range<Int>
  /// How many pairs each new sample has: as many as the one that needs most.
  let pairsEach: Int
  private var starts: [Int] = []
  private var pairs: [Pair] = []

  /// The weights of the new samples `part`, of `to` samples; nil where the axis keeps its length.
  ///
  /// - Precondition: `part` is not empty.
  init?(from: Int, to: Int, _ part: Range<Int>, _ filter: Filter) {
    guard from != to else { return nil }
    let scale = Double(from) / Double(to)
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    let centres = part.map { (Double($0) + 0.5) * scale }
    let old = centres.map { max(0, Int($0 - support + 0.5))..<min(from, Int($0 + support + 0.5)) }
    let first = old[0].lowerBound
    source = first..<old[old.count - 1].upperBound
    pairsEach = old.reduce(0) { max($0, ($1.upperBound - first + 1) / 2 - ($1.lowerBound - first) / 2) }
    let lastStart = (source.count + 1) / 2 - pairsEach
    var weights = [Double](repeating: 0, count: 2 * pairsEach)
    pairs.reserveCapacity(part.count * pairsEach)
    for (centre, old) in zip(centres, old) {
      starts.append(min((old.lowerBound - first) / 2, lastStart))
      let begin = first + 2 * starts[starts.count - 1]
      for place in weights.indices {
        let distance = Double(begin + place) - centre + 0.5
        weights[place] = old.contains(begin + place) ? filter.value(distance * (1 / stretch)) : 0
      }
      append(weights)
    }
  }

  private mutating func append(_ weights: [Double]) {
    let sum = weights.reduce(0, +)
    let total = sum == 0 ? 1 : sum
    for index in stride(from: 0, to: weights.count, by: 2) {
      pairs.append(Pair(Self.fixed(weights[index] / total), Self.fixed(weights[index + 1] / total)))
    }
  }

  /// New samples.
  var count: Int { starts.count }

  /// Calls `body` with each new sample's place, its first pair of old samples, and the weights of its pairs.
  ///
  /// `start` counts pairs from the beginning of ``source``. The second sample of the last pair may lie after
  /// the end; its weight is then 0.
  @inline(__always)
  func visit(_ body: (_ index: Int, _ start: Int, _ weights: UnsafeBufferPointer<Pair>) -> Void) {
    pairs.withUnsafeBufferPointer { pairs in
      for (index, start) in starts.enumerated() {
        let first = index &* pairsEach
        body(index, start, UnsafeBufferPointer(rebasing: pairs[first..<first &+ pairsEach]))
      }
    }
  }

  /// The weight in fixed point, half rounded away from zero.
  private static func fixed(_ weight: Double) -> Int32 {
    let scaled = weight * Double(1 << fractionBits)
    return Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
  }
}
