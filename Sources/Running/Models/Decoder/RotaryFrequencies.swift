import Architectures
import Kernels

#if canImport(Glibc)
  import Glibc
#endif

extension DecoderConfiguration {
  /// Radians per token of each pair of a head, in layers that turn by `theta` and `rule`: `[turnedChannels / 2]`.
  package func rotaryFrequencies(theta: Double, rule: RopeRule?) -> [Double] {
    let channels = Double(turnedChannels)
    let plain = (0..<turnedChannels / 2).map { pow(theta, -2 * Double($0) / channels) }
    switch rule {
    case nil: return plain
    case .linear(let factor): return plain.map { $0 / factor }
    case .llama3(let rule): return plain.map(rule.scaled)
    case .yarn(let rule): return rule.blend(plain, theta: theta)
    case .longRope(let rule):
      let factors = context > rule.originalContext ? rule.longFactors : rule.shortFactors
      return zip(plain, factors).map { $0 / $1 }
    }
  }
}

extension RopeRule {
  /// What cosines and sines are multiplied by.
  var magnitude: Double {
    switch self {
    case .linear, .llama3: 1
    case .yarn(let rule): rule.magnitude
    case .longRope(let rule): rule.magnitude
    }
  }
}

extension RopeRule.YaRN {
  /// Frequencies from the fast end to the slow one: as they are, then blended, then divided by the factor.
  fileprivate func blend(_ frequencies: [Double], theta: Double) -> [Double] {
    let channels = 2 * frequencies.count
    /// The pair, as a fraction, that turns so often within the original context.
    func pair(_ turns: Double) -> Double {
      Double(channels) * log(Double(originalContext) / (turns * 2 * .pi)) / (2 * log(theta))
    }
    let ends = (pair(fastTurns), pair(slowTurns))
    let first = max(wholePairs ? ends.0.rounded(.down) : ends.0, 0)
    var last = min(wholePairs ? ends.1.rounded(.up) : ends.1, Double(channels - 1))
    if first == last { last += 0.001 }
    return frequencies.enumerated().map { index, frequency in
      let divided = min(max((Double(index) - first) / (last - first), 0), 1)
      return frequency / factor * divided + frequency * (1 - divided)
    }
  }
}

extension RotaryTable {
  /// The table of the layers of a configuration that are `kind`, for the first `positions` of its context.
  package init(_ c: DecoderConfiguration, _ kind: LayerRotary = .usual, positions: Int = .max) {
    let isUsual = kind == .usual
    let (theta, rule) = (
      isUsual ? c.ropeTheta : c.localRopeTheta ?? c.ropeTheta, isUsual ? c.ropeScaling : nil
    )
    self.init(
      frequencies: c.rotaryFrequencies(theta: theta, rule: rule), magnitude: rule?.magnitude ?? 1,
      context: min(c.context, positions))
  }
}

/// The rotary tables of a decoder: one for each kind of layer that turns.
struct RotaryTables {
  private let usual: RotaryTable
  private let local: RotaryTable?

  init(_ c: DecoderConfiguration, positions: Int) {
    usual = RotaryTable(c, positions: positions)
    local = c.rotaryLayers.contains(.local) ? RotaryTable(c, .local, positions: positions) : nil
  }

  /// Nil where a layer turns nothing.
  subscript(kind: LayerRotary) -> RotaryTable? {
    switch kind {
    case .usual: usual
    case .local: local
    case .none: nil
    }
  }
}
