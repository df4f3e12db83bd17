import ScalarKernels

/// What the rows of consecutive tokens see of the tokens before them: the newest `size`, their own included.
package struct RowWindow {
  let size: Int
  /// Position of row 0's token.
  private let position: Int
  private let rowsPerToken: Int

  /// nil where no row's window ends before position 0: all rows then see all tokens before them.
  ///
  /// - Parameter size: At least 1; `Int.max` for no window.
  package init?(size: Int, position: Int, rows: Int, rowsPerToken: Int) {
    precondition(size >= 1, "RowWindow: a window of \(size) tokens")
    guard position + (rows - 1) / rowsPerToken >= size else { return nil }
    self.size = size
    self.position = position
    self.rowsPerToken = rowsPerToken
  }

  /// The page of the oldest token that row `row` sees.
  func firstPage(_ row: Int) -> Int {
    max(0, position + row / rowsPerToken - size + 1) / PageFormat.tokens
  }

  /// The first row that sees nothing of page `page` or of those before it.
  func firstRow(behind page: Int) -> Int {
    max(0, (page + 1) * PageFormat.tokens + size - 1 - position) * rowsPerToken
  }

  /// Where the windows of `rows` begin in page `page`; nil where all of them begin before.
  func cut(of page: Int, rows: Range<Int>) -> WindowCut? {
    func hidden(_ row: Int) -> Int {
      position + row / rowsPerToken - size + 1 - page * PageFormat.tokens
    }
    guard hidden(rows.upperBound - 1) > 0 else { return nil }
    return WindowCut(first: hidden(rows.lowerBound), rowsPerToken: rowsPerToken)
  }
}
