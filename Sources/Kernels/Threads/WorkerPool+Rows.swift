extension WorkerPool {
  /// Runs `body` for each of `rows` rows of `columns` values, in runs long enough that handing one out costs little
  /// beside computing it.
  public func forEachRow(_ rows: Int, columns: Int, _ body: (_ row: Int) -> Void) {
    let run = max(1, (1 << 14) / max(1, columns))
    forEach((rows + run - 1) / run) { index in
      for row in index * run..<min(rows, (index + 1) * run) { body(row) }
    }
  }
}
