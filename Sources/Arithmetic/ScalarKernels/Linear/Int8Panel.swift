/// `rows · weightsᵀ` for 8-bit weights, with the epilogue: `output.channels` channels of every row.
///
/// For row m and channel n: `acc = Σₖ unsigned[m, k] · w[n, k] − zero · sums[n]` in int32, then
/// `y = fma(Float(acc), rowScale[m] · scales[n], bias[n])`, then `+ residual` where there is one.
/// Byte `((n / 16 · quads + k / 4) · 16 + n mod 16) · 4 + k mod 4` of the weights is `w[n, k]`.
///
/// Arithmetic wraps: weights and sums may come from a damaged file, which must not stop the process.
///
/// - Precondition: `weights.quads · 4` is at most ``WeightLayout/maxInputs`` and at most `rows.stride`.
public func int8Panel(_ rows: QuantizedRows, _ weights: Int8Blocks, _ output: PanelOutput) {
  for m in 0..<rows.count {
    let codes = rows.unsigned + m * rows.stride
    for n in 0..<output.channels {
      let block = weights.codes + n / 16 * weights.quads * 64 + n % 16 * 4
      var acc: Int32 = 0
      for k in 0..<weights.quads * 4 { acc &+= Int32(codes[k]) &* Int32(block[k / 4 * 64 + k % 4]) }
      finish(acc &- rows.zero &* output.columnSums[n], row: m, rows, channel: n, output)
    }
  }
}

/// The epilogue of every linear kernel.
func finish(_ acc: Int32, row m: Int, _ rows: QuantizedRows, channel n: Int, _ output: PanelOutput) {
  let index = m * output.stride + n
  var y = output.bias[n].addingProduct(Float(acc), rows.scales[m] * output.scales[n])
  if let residual = output.residual { y += residual[index] }
  output.base[index] = y
}
