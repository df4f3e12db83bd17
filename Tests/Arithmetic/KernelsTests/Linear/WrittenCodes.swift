import ScalarKernels

/// Everything that a kernel writes as codes, and what it leaves alone.
struct WrittenCodes: Equatable {
  private(set) var unsigned, signed, groupSums: [Int32]

  /// - Parameters:
  ///   - count: Room for codes, a multiple of 32; one more of each kind guards what lies behind.
  ///   - wantsSigned: Whether signed codes and sums are asked for as well.
  init(count: Int, signed wantsSigned: Bool, _ body: (RowCodes) -> Void) {
    var unsigned = [UInt8](repeating: 77, count: count + 1)
    var signed = [Int8](repeating: 77, count: count + 1)
    var groupSums = [Int32](repeating: 77, count: count / 32 + 1)
    unsigned.withUnsafeMutableBufferPointer { u in
      signed.withUnsafeMutableBufferPointer { s in
        groupSums.withUnsafeMutableBufferPointer { g in
          body(
            RowCodes(
              unsigned: u.baseAddress!, signed: wantsSigned ? s.baseAddress! : nil,
              groupSums: wantsSigned ? g.baseAddress! : nil))
        }
      }
    }
    (self.unsigned, self.signed) = (unsigned.map(Int32.init), signed.map(Int32.init))
    self.groupSums = groupSums
  }

  /// The codes of one row, which begins one element off: no kernel may rely on its alignment.
  init(of row: [Float], signed wantsSigned: Bool, _ body: (UnsafePointer<Float>, RowCodes) -> Void) {
    self.init(count: (row.count + 31) / 32 * 32, signed: wantsSigned) { codes in
      ([0] + row).withUnsafeBufferPointer { body($0.baseAddress! + 1, codes) }
    }
  }
}
