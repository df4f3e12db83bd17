import ScalarKernels

extension LinearLayer {
  /// One output of one row, with the bits that ``apply(_:to:stride:residual:pool:)`` gives it.
  ///
  /// - Complexity: O(`inputs`). All 16 channels of the output's block are computed, because they lie together.
  package func output(_ channel: Int, ofRow row: Int, in x: ActivationRows) -> Float {
    precondition(
      (0..<outputs).contains(channel) && (0..<x.rows).contains(row), "LinearLayer: \(channel) of row \(row)")
    check(x)
    let first = channel / 16 * 16
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { values in
      guard let base = values.baseAddress else { return 0 }
      let panels = panels(forRows: 1)
      let panel = panels.panel(first, count: 16, scratch: base)
      var block = output(to: base, stride: 16).slice(row: 0, channel: first, count: min(16, outputs - first))
      block.base = base
      panels.multiply(x.quantized.slice(from: row, count: 1), panel, block)
      return base[channel - first]
    }
  }
}
