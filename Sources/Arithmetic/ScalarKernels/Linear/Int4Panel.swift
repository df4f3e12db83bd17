/// `rows · weightsᵀ` for two-level 4-bit weights, straight from the packed codes; epilogue as
/// ``int8Panel(_:_:_:)``.
///
/// For row m and channel n: `acc = Σ_g step · (Σ a · code − zero · Σ a)` over groups of 32 inputs with `a`
/// signed, then `− (rows.zero − 128) · sums[n]`. All in int32, so the result equals that of the unpacked
/// weights.
///
/// - Precondition: `rows` has signed codes and group sums.
public func int4Panel(_ rows: QuantizedRows, _ weights: Int4Blocks, _ output: PanelOutput) {
  guard let signed = rows.signed, let groupSums = rows.groupSums else {
    preconditionFailure("int4Panel: rows without signed codes")
  }
  for m in 0..<rows.count {
    for n in 0..<output.channels {
      let block = weights.advanced(blocks: n / 16)
      var acc: Int32 = 0
      for group in 0..<weights.groups {
        let groupScale = GroupScale(block.groupScales[group * 16 + n % 16])
        let codes = block.codes + group * 256 + n % 16 * 4
        let row = signed + m * rows.stride + group * 32
        var dot: Int32 = 0
        for i in 0..<32 { dot &+= Int32(row[i]) &* code(codes, i) }
        acc &+= groupScale.step &* (dot &- groupScale.zero &* groupSums[m * rows.groupStride + group])
      }
      finish(acc &- (rows.zero - 128) &* output.columnSums[n], row: m, rows, channel: n, output)
    }
  }
}

/// Unpacks `blocks` blocks of 4-bit weights into the 8-bit layout: `step · (code − zero)`, `groups · 8` quads
/// a block.
///
/// - Complexity: O(`blocks · groups`); writes `blocks · groups · 512` bytes.
public func unpackInt4(_ weights: Int4Blocks, blocks: Int, into output: UnsafeMutablePointer<Int8>) {
  for block in 0..<blocks {
    let source = weights.advanced(blocks: block)
    for group in 0..<weights.groups {
      for n in 0..<16 {
        let groupScale = GroupScale(source.groupScales[group * 16 + n])
        for i in 0..<32 {
          let weight = groupScale.step * (code(source.codes + group * 256 + n * 4, i) - groupScale.zero)
          output[((block * weights.groups + group) * 8 + i / 4) * 64 + n * 4 + i % 4] =
            Int8(truncatingIfNeeded: weight)
        }
      }
    }
  }
}

/// One group's byte: `(zero << 4) | (step − 1)`.
private struct GroupScale {
  let step, zero: Int32

  init(_ byte: UInt8) {
    step = Int32(byte & 15) + 1
    zero = Int32(byte >> 4)
  }
}

/// Code `i` of a group of 32: 64-byte lines of 8 inputs, the first four in low nibbles and the others in high
/// ones.
private func code(_ codes: UnsafePointer<UInt8>, _ i: Int) -> Int32 {
  let byte = codes[i / 8 * 64 + i % 4]
  return Int32(i % 8 < 4 ? byte & 15 : byte >> 4)
}
