import ScalarKernels

/// How one layer is cut into pieces of work: by panels of channels first, by rows where there are too few
/// panels.
///
/// The pieces never cut k, and integers add up in any order, so the cut does not change a bit of the result.
struct WorkSplit {
  let rowCount, channelCount: Int
  let rowChunk, channelChunk: Int
  private let channelCuts: Int
  /// How many pieces there are.
  let count: Int

  /// Pieces a thread should get, so that a thread that starts late or is preempted does not hold up the
  /// others.
  private static let piecesPerThread = 4
  /// Products below which a piece is not worth handing out: about half a microsecond of work.
  private static let minProducts = 1 << 18

  init(rows: Int, channels: Int, inputs: Int, threads: Int) {
    (rowCount, channelCount) = (rows, channels)
    let panels = (channels + WeightLayout.panelChannels - 1) / WeightLayout.panelChannels
    let affordable = max(1, rows * channels * inputs / Self.minProducts)
    let wanted = threads == 1 ? 1 : min(threads * Self.piecesPerThread, affordable)
    let channelPieces = min(panels, wanted)
    channelChunk = (panels + channelPieces - 1) / channelPieces * WeightLayout.panelChannels
    channelCuts = (channels + channelChunk - 1) / channelChunk
    // Tiles have 6 rows; fewer than 4 tiles would not pay for reading the weights again.
    let rowPieces = max(1, min(wanted / channelPieces, rows / 24))
    rowChunk = max(6, WeightLayout.roundUp((rows + rowPieces - 1) / rowPieces, to: 6))
    count = channelCuts * ((rows + rowChunk - 1) / rowChunk)
  }

  /// The rows of piece `index`.
  func rows(_ index: Int) -> Range<Int> {
    let first = index / channelCuts * rowChunk
    return first..<min(first + rowChunk, rowCount)
  }

  /// The output channels of piece `index`; they start at a panel.
  func channels(_ index: Int) -> Range<Int> {
    let first = index % channelCuts * channelChunk
    return first..<min(first + channelChunk, channelCount)
  }
}
