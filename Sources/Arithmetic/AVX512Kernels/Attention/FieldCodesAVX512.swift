import CIntrinsics

/// Four registers of codes of 2, 3 or 5 bits: fields of 2 or 4 bits, and for an odd number the highest bits in a plane.
///
/// The plane's bit of a code is tested into a mask, under which the code grows: two instructions a register, and none
/// crosses lanes.
struct FieldCodes {
  private let lines: FourRegisters
  private let bits: Int
  private let first: Int
  private let plane: FourRegisters

  /// - Parameters:
  ///   - first: The number of the lines' first field.
  ///   - plane: Where the highest bits of these fields lie, four registers `step` bytes apart; unread for an even number
  ///     of bits.
  @inline(__always)
  init(_ lines: FourRegisters, bits: Int, first: Int, plane: UnsafeRawPointer, step: Int) {
    self.lines = lines
    self.bits = bits
    self.first = first
    self.plane = bits % 2 == 1 ? FourRegisters(plane, step: step) : lines
  }

  /// Calls `body` with each field's codes and its number.
  @inline(__always)
  func eachField(_ body: (FourRegisters, Int) -> Void) {
    switch bits {
    case 2:
      body(field(0), first)
      body(field(2), first + 1)
      body(field(4), first + 2)
      body(field(6), first + 3)
    case 3:
      body(extended(field(0), 0, by: 4), first)
      body(extended(field(2), 1, by: 4), first + 1)
      body(extended(field(4), 2, by: 4), first + 2)
      body(extended(field(6), 3, by: 4), first + 3)
    default:
      body(extended(lines.low, 0, by: 16), first)
      body(extended(lines.high, 1, by: 16), first + 1)
    }
  }

  /// Two bits of each byte.
  @inline(__always)
  private func field(_ shift: UInt32) -> FourRegisters {
    let mask = _mm512_set1_epi8(3)
    @inline(__always)
    func bits(_ x: __m512i) -> __m512i { _mm512_and_si512(_mm512_srli_epi16(x, shift), mask) }
    return FourRegisters(bits(lines.a), bits(lines.b), bits(lines.c), bits(lines.d))
  }

  /// Adds `value` to the codes whose bit of the plane is set.
  @inline(__always)
  private func extended(_ codes: FourRegisters, _ index: Int, by value: Int8) -> FourRegisters {
    let bit = _mm512_set1_epi8(Int8(bitPattern: 1 << UInt8(truncatingIfNeeded: (first + index) & 7)))
    let high = _mm512_set1_epi8(value)
    @inline(__always)
    func sum(_ codes: __m512i, _ plane: __m512i) -> __m512i {
      _mm512_mask_add_epi8(codes, _mm512_test_epi8_mask(plane, bit), codes, high)
    }
    return FourRegisters(
      sum(codes.a, plane.a), sum(codes.b, plane.b), sum(codes.c, plane.c), sum(codes.d, plane.d))
  }
}
