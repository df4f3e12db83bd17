/// Pages that the rows of a call see, oldest first: whole ones, but for the first where the rows' windows begin in it.
public struct PageList {
  public let pages: UnsafePointer<UnsafeRawPointer>
  public let count: Int
  /// Entries of `pages` behind the list: what the caller is going to read next, worth fetching meanwhile.
  public let following: Int
  /// Where the rows' windows begin in the first page; nil where every row sees all of it.
  public let cut: WindowCut?

  public init(
    pages: UnsafePointer<UnsafeRawPointer>, count: Int, following: Int = 0, cut: WindowCut? = nil
  ) {
    self.pages = pages
    self.count = count
    self.following = following
    self.cut = cut
  }

  /// How many of the oldest tokens of page `page` row `row` does not see.
  public func hidden(page: Int, row: Int) -> Int {
    guard let cut, page == 0 else { return 0 }
    return cut.hidden(row)
  }
}

/// Where the windows of rows of consecutive tokens begin in a page: one token later with each token.
public struct WindowCut {
  /// How many of the page's tokens row 0 does not see; below 0 where its window begins before the page.
  public let first: Int
  /// Rows of one token, which see the same.
  public let rowsPerToken: Int

  /// A row that sees nothing of the page does not belong into the call.
  public init(first: Int, rowsPerToken: Int) {
    self.first = first
    self.rowsPerToken = rowsPerToken
  }

  /// How many of the page's oldest tokens row `row` does not see, 0…63.
  public func hidden(_ row: Int) -> Int { max(0, first + row / rowsPerToken) }
}
