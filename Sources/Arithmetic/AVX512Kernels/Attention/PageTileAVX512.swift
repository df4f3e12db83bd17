import CIntrinsics
import ScalarKernels

/// Up to four query rows and four pages. Cell `4 · page + row` is one row and page, and one lane.
///
/// Each stage of the work is one function, not inlined, because the compiler gives up inlining within larger ones.
struct PageTile {
  static let side = 4
  private static let cells = side * side

  let numbers: AttentionNumbers
  private let list: PageList
  private let firstPage: Int
  private let firstRow: Int
  let rows: Int
  private let fetches: Bool
  let queries: UnsafePointer<Float>
  let states: UnsafeMutablePointer<Float>
  private let facts: UnsafeMutablePointer<Float>
  /// Registers of the cells whose lanes are still to be combined, `[2][16][16]`.
  let lanes: UnsafeMutablePointer<Float>
  private let weights: UnsafeMutableRawPointer
  private let logits: UnsafeMutablePointer<Float>
  private let queryCodes: UnsafeMutableRawPointer

  /// - Parameter fetches: Whether to fetch the pages of the next tile meanwhile.
  @inline(__always)
  init(
    _ numbers: AttentionNumbers, _ list: PageList, firstPage: Int, firstRow: Int, rows: Int, fetches: Bool,
    queries: UnsafePointer<Float>, states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) {
    self.numbers = numbers
    self.list = list
    self.firstPage = firstPage
    self.firstRow = firstRow
    self.rows = rows
    self.fetches = fetches
    self.queries = queries
    self.states = states
    facts = scratch.assumingMemoryBound(to: Float.self)
    lanes = facts + CellFact.count * Self.cells
    logits = lanes + 2 * 16 * Self.cells
    weights = UnsafeMutableRawPointer(logits + PageFormat.tokens * Self.cells)
    queryCodes = weights + PageFormat.tokens * Self.cells
  }

  // Inlined by demand: the stages are larger than what the compiler inlines into.
  @inline(__always)
  var format: PageFormat { numbers.format }
  @inline(__always)
  var channels: Int { numbers.format.channels }
  @inline(__always)
  var pages: Int { min(Self.side, list.count - firstPage) }
  @inline(__always)
  var stateStride: Int { AttentionState.stride(channels: channels) }

  @inline(__always)
  func page(_ index: Int) -> UnsafeRawPointer { list.pages[firstPage + index] }

  /// The page to fetch while page `index` is read: as many pages on as the tile has, or itself.
  @inline(__always)
  func pageAhead(_ index: Int) -> UnsafeRawPointer {
    let ahead = firstPage + index + pages
    return list.pages[fetches && ahead < list.count + list.following ? ahead : firstPage + index]
  }

  /// One of the page's four sections of scales.
  @inline(__always)
  func section(_ page: Int, _ offset: Int) -> UnsafePointer<Float16> {
    (self.page(page) + offset).assumingMemoryBound(to: Float16.self)
  }

  /// How many of a page's oldest tokens a row does not see.
  @inline(__always)
  func hidden(_ page: Int, row: Int) -> Int { list.hidden(page: firstPage + page, row: firstRow + row) }

  /// A cell's int8 query codes, `[channels]`.
  @inline(__always)
  func queryCodes(_ cell: Int) -> UnsafeMutableRawPointer { queryCodes + cell * channels }

  /// A cell's 64 logits.
  @inline(__always)
  func logits(_ cell: Int) -> UnsafeMutablePointer<Float> { logits + PageFormat.tokens * cell }

  /// A cell's 64 weights, a byte each.
  @inline(__always)
  func weights(_ cell: Int) -> UnsafeMutableRawPointer { weights + PageFormat.tokens * cell }

  @inline(__always)
  func facts(_ fact: CellFact) -> UnsafeMutablePointer<Float> { facts + Self.cells * fact.rawValue }

  @inline(__always)
  func set(_ fact: CellFact, _ values: __m512) { _mm512_store_ps(facts(fact), values) }

  /// A fact of one cell in every lane.
  @inline(__always)
  func broadcast(_ fact: CellFact, _ cell: Int) -> __m512 { _mm512_set1_ps(facts(fact)[cell]) }

  /// Adds what the rows see in the pages to their states.
  @inline(__always)
  func attend() {
    fold()
    score()
    if numbers.logitCap > 0 || list.cut != nil && firstPage == 0 { revise() }
    if format.scalesTokens { weighTokens() } else { weigh() }
    advance()
    total()
    if format.valueBits == 4 || format.valueBits == 8 { accumulate() } else { accumulateFields() }
  }
}

/// What is one number for a cell: sixteen floats or, for ``bias`` and ``least``, integers; lane = cell.
enum CellFact: Int {
  /// Turns a folded query into codes.
  case inverse
  /// Turn a score into a logit.
  case factor, shift
  /// The largest logit.
  case maximum
  /// The sum of the weights, and the integer that corrects their product with V's unsigned codes.
  case sum, bias
  /// What the row's state and the cell's sums are scaled by.
  case keep, step
  /// Where tokens have scales: the least code of a weight with its scale, an integer, and what the cell's products are
  /// multiplied by and what is added.
  case least, scale, offset

  static let count = 11
}

/// Calls `body` with `rows`, 1…4, as a constant: sums of absent rows then take no registers and no time.
@inline(__always)
func withConstant(_ rows: Int, _ body: (Int) -> Void) {
  switch rows {
  case 1: body(1)
  case 2: body(2)
  case 3: body(3)
  default: body(4)
  }
}
