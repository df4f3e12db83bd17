extension WorkerPool {
  /// Runs `body` for each of `rows` rows of `columns` values, in runs long enough that handing one out costs little
  /// beside computing it.
  package func forEachRow<Body: LoopBody>(_ rows: Int, columns: Int, _ body: Body) {
    // 4,096 values: some hundred nanoseconds of a vectorized norm or quantization. Other lengths are not on
    // record.
    let run = max(1, (1 << 12) / max(1, columns))
    forEach((rows + run - 1) / run, RowRuns(rows: rows, run: run, body: body))
  }
}

/// The rows of a loop, `run` of them a piece.
private struct RowRuns<Body: LoopBody>: LoopBody {
  let rows: Int
  let run: Int
  let body: Body

  func run(_ index: Int, worker: Int) {
    for row in index * run..<min(rows, (index + 1) * run) { body.run(row, worker: worker) }
  }
}
