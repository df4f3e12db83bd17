import CIntrinsics
import ScalarKernels

/// The accumulators of `rows` rows, `columns` registers each: what a kernel keeps in registers while it runs over
/// the whole of k.
///
/// Columns are blocks of 16 channels, or parts of the same block's sums, so that short tiles have enough independent
/// additions. Both extents are parameters of the type: loops over them unroll, and every accumulator is a register.
/// `vpdpbusd` adds four products of an unsigned and a signed byte to an int32 without saturating.
struct Tile<let rows: Int, let columns: Int> {
  private var lanes: InlineArray<rows, InlineArray<columns, __m512i>>
  private let x: UnsafeRawPointer
  private let stride: Int

  /// Rows `m ..< m + rows`; every row starts from `start`.
  @inline(__always)
  init(_ x: QuantizedRows, _ m: Int, start: (_ column: Int) -> __m512i) {
    lanes = InlineArray { _ in InlineArray { start($0) } }
    self.x = UnsafeRawPointer(x.unsigned + m &* x.stride)
    stride = x.stride
  }

  /// Adds the products of inputs `4 · quad ..< 4 · quad + 4` with one line of weights a column.
  @inline(__always)
  mutating func add(quad: Int, _ lines: InlineArray<columns, __m512i>) {
    var row = 0
    while row < rows {
      var column = 0
      while column < columns {
        add(row, column, quad, lines[unchecked: column])
        column &+= 1
      }
      row &+= 1
    }
  }

  /// Adds the products of two neighbouring quads, the first to the first column and the second to the last.
  @inline(__always)
  mutating func add(quad: Int, _ first: __m512i, _ second: __m512i) {
    add(quad: quad, to: (0, columns &- 1), first, second)
  }

  /// Adds the products of one quad to the first column.
  @inline(__always)
  mutating func add(quad: Int, toFirst line: __m512i) {
    for row in 0..<rows { add(row, 0, quad, line) }
  }

  /// Adds the products of two neighbouring quads, each to a column.
  @inline(__always)
  mutating func add(quad: Int, to column: (Int, Int), _ first: __m512i, _ second: __m512i) {
    // Two loops, because the compiler does not unroll one of 16 rows.
    add(0, rows / 2, quad, column, first, second)
    add(rows / 2, rows, quad, column, first, second)
  }

  /// Hands each row's accumulators to the epilogue.
  ///
  /// Written out for up to 16 rows: were a loop to index the accumulators, they would be stored at every step of k.
  @inline(__always)
  func forEachRow(_ body: (_ row: Int, _ sums: InlineArray<columns, __m512i>) -> Void) {
    if rows > 0 { body(0, lanes[unchecked: 0]) }
    if rows > 1 { body(1, lanes[unchecked: 1]) }
    if rows > 2 { body(2, lanes[unchecked: 2]) }
    if rows > 3 { body(3, lanes[unchecked: 3]) }
    if rows > 4 { body(4, lanes[unchecked: 4]) }
    if rows > 5 { body(5, lanes[unchecked: 5]) }
    if rows > 6 { body(6, lanes[unchecked: 6]) }
    if rows > 7 { body(7, lanes[unchecked: 7]) }
    if rows > 8 { body(8, lanes[unchecked: 8]) }
    if rows > 9 { body(9, lanes[unchecked: 9]) }
    if rows > 10 { body(10, lanes[unchecked: 10]) }
    if rows > 11 { body(11, lanes[unchecked: 11]) }
    if rows > 12 { body(12, lanes[unchecked: 12]) }
    if rows > 13 { body(13, lanes[unchecked: 13]) }
    if rows > 14 { body(14, lanes[unchecked: 14]) }
    if rows > 15 { body(15, lanes[unchecked: 15]) }
  }

  @inline(__always)
  private mutating func add(
    _ row: Int, _ end: Int, _ quad: Int, _ column: (Int, Int), _ first: __m512i, _ second: __m512i
  ) {
    var row = row
    while row < end {
      add(row, column.0, quad, first)
      add(row, column.1, quad &+ 1, second)
      row &+= 1
    }
  }

  @inline(__always)
  private mutating func add(_ row: Int, _ column: Int, _ quad: Int, _ line: __m512i) {
    let a = _mm512_set1_epi32(
      x.loadUnaligned(fromByteOffset: row &* stride &+ quad &* 4, as: Int32.self))
    lanes[unchecked: row][unchecked: column] = _mm512_dpbusd_epi32(
      lanes[unchecked: row][unchecked: column], a, line)
  }
}
