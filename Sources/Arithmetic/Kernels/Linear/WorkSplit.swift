import ScalarKernels

/// How one layer is cut into pieces of work: by channels first, by rows where there are too few channels.
///
/// The pieces never cut k, and integers add up in any order, so the cut does not change a bit of the result.
struct WorkSplit {
  private let rowCount, channelCount: Int
  private let rowCuts: Int
  private let channelCuts: Cuts

  /// Products below which a piece is not worth handing out: about half a microsecond of work.
  private static let minProducts = 1 << 18
  /// Rows up to which reading the weights takes a part of the time, and rows below which it takes all of it.
  private static let (fewRows, leastRows) = (32, 16)
  /// Channels that tiles of few rows take at once, two blocks; tiles of many take a panel's.
  private static let fewRowsChannels = 32
  /// Rows of the tile of many rows: a cut elsewhere would leave a short tile, which waits for its accumulators.
  private static let tileRows = 6

  init(rows: Int, channels: Int, inputs: Int, threads: Int) {
    (rowCount, channelCount) = (rows, channels)
    let affordable =
      threads == 1 ? 1 : max(1, max(rows, Self.leastRows) * channels * inputs / Self.minProducts)
    if rows <= Self.fewRows {
      channelCuts = Cuts(channels, unit: Self.fewRowsChannels, pieces: affordable, threads: threads)
      rowCuts = 1
    } else {
      // Sixteen pieces a thread: the last to finish is then late by a sixteenth of its share at most.
      let wanted = min(16 * threads, affordable)
      channelCuts = Cuts(channels, unit: WeightLayout.panelChannels, pieces: wanted)
      // Fewer than 4 tiles would not pay for reading the weights again.
      let mostCuts = rows / (4 * Self.tileRows)
      rowCuts = max(1, min((wanted + channelCuts.count - 1) / channelCuts.count, mostCuts))
    }
  }

  /// How many pieces there are.
  var count: Int { rowCount == 0 ? 0 : channelCuts.count * rowCuts }

  /// The rows of piece `index`.
  func rows(_ index: Int) -> Range<Int> {
    let (part, tile) = (index / channelCuts.count, Self.tileRows)
    let tiles = (rowCount + tile - 1) / tile
    return tiles * part / rowCuts * tile..<min(rowCount, tiles * (part + 1) / rowCuts * tile)
  }

  /// The output channels of piece `index`; they start at a whole tile.
  func channels(_ index: Int) -> Range<Int> {
    let part = index % channelCuts.count
    return channelCuts.start(part)..<min(channelCount, channelCuts.start(part + 1))
  }
}

/// Where `0..<n` is cut, at multiples of a unit: into groups of pieces, whose first piece is the largest.
private struct Cuts {
  private let unit, units: Int
  private let groups, groupPieces: Int

  var count: Int { groups * groupPieces }

  /// Equal pieces.
  init(_ n: Int, unit: Int, pieces: Int) {
    self.unit = unit
    units = (n + unit - 1) / unit
    (groups, groupPieces) = (min(units, pieces), 1)
  }

  /// A group for each thread, which is the share that a loop deals it: a large piece, because a long stream of weights
  /// reads faster, and the last quarter in small ones, with which the first to finish helps. Equal pieces where the small
  /// ones would be few.
  init(_ n: Int, unit: Int, pieces: Int, threads: Int) {
    self.unit = unit
    units = (n + unit - 1) / unit
    let small = min(units / threads, pieces / threads, 128) / 4
    (groups, groupPieces) = small >= 2 ? (threads, 1 + small) : (min(units, pieces, 4 * threads), 1)
  }

  /// Where piece `index` starts, or the one before it ends.
  func start(_ index: Int) -> Int {
    let (group, piece) = index.quotientAndRemainder(dividingBy: groupPieces)
    let first = units * group / groups
    guard piece > 0 else { return first * unit }
    let size = units * (group + 1) / groups - first
    let small = size / 4
    return (first + size - small + small * (piece - 1) / (groupPieces - 1)) * unit
  }
}
