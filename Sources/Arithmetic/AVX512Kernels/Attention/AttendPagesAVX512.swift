import CIntrinsics
import ScalarKernels

/// `attendPages` with `vpdpbusd` for both products: K's unsigned codes times the query's signed ones,
/// unsigned weights times V's signed codes. Lane t of a score register is token t, so logits need no
/// horizontal sum.
///
/// Work goes in tiles of four rows and four pages. Four rows share each line of codes that is loaded and split
/// into nibbles in registers, and their multiplies, two a cycle, take longer than that. The sixteen cells of a
/// tile are the lanes of one register, so what is one number for a row and page (maxima, factors, powers of
/// two) is computed for all of them at once instead of as sixteen chains of dependent instructions. Four pages
/// stay in the first-level cache while all rows pass.
@inline(never)
package func attendPagesAVX512(
  _ numbers: AttentionNumbers, _ list: PageList, queries: UnsafePointer<Float>, rows: Int,
  states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
) {
  let channels = numbers.format.channels
  for page in stride(from: 0, to: list.count, by: PageTile.side) {
    for row in stride(from: 0, to: rows, by: PageTile.side) {
      let tile = PageTile(
        numbers, list, firstPage: page, firstRow: row, rows: min(PageTile.side, rows - row),
        fetches: row == 0, queries: queries + row * channels,
        states: states + row * AttentionState.stride(channels: channels), scratch: scratch)
      tile.attend()
    }
  }
}
