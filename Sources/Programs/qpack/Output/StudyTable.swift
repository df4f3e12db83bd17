import Quantization

/// The attention study as a table.
struct StudyTable {
  let text: String

  init(_ rows: [AttentionStudy.Row]) {
    let isText = rows.first?.perplexityRatio != nil
    let effect = isText ? ["ppl ratio", "KL"] : ["top-1", "float32"]
    let head = ["scheme", "cosine", "rel. error", "worst layer"] + effect + ["agreement"]
    let body = rows.map { row in
      [
        row.scheme, decimals(row.cosine, 6), decimals(row.relativeError, 4),
        "\(row.worstLayer): \(decimals(row.worstLayerError, 4))",
      ]
        + (isText
          ? [decimals(row.perplexityRatio ?? 0, 4), decimals(row.kl ?? 0, 5)]
          : [decimals(100 * (row.top1 ?? 0), 2), decimals(100 * (row.top1Reference ?? 0), 2)])
        + [decimals(100 * (row.agreement ?? 0), 2)]
    }
    let widths = head.indices.map { column in ([head] + body).map { $0[column].count }.max() ?? 0 }
    text = ([head] + body).map { row in
      zip(row, widths).enumerated().map { index, cell in
        index == 0 ? cell.0.padded(to: cell.1) : cell.0.rightAligned(to: cell.1)
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
