import ScalarKernels

/// How one layer is cut into pieces of work: by channels first, by rows where there are too few channels.
///
/// The pieces never cut k, and integers add up in any order, so the cut does not change a bit of the result.
struct WorkSplit {
  private let rowCount, channelCount: Int
  private let rowCuts: Int
  private let channelCuts: Cuts

  /// The fewest products of a piece: about half a microsecond of work, a few times what an empty loop costs.
  private static let minProducts = 1 << 18
  /// Up to `fewRows` rows, reading the weights takes a part of the time; below `leastRows` it takes all of it,
  /// so a piece of fewer rows lasts as long as one of `leastRows`.
  private static let (fewRows, leastRows) = (32, 16)
  /// Channels of a tile of few rows: two blocks. A tile of many rows has the channels of a panel.
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
      // Each cut of the rows reads the weights again, which fewer than 4 tiles of rows would not pay for.
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

/// Where `0..<n` is cut, at multiples of a unit: into groups of pieces. The first piece of a group is the
/// largest.
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

  /// A group for each thread, which is the share that a loop deals it. Three quarters of it are one large
  /// piece, because a long stream of weights reads faster; the rest are small pieces, of which a thread that
  /// finishes early takes some. Fewer or larger small pieces gained nothing (0004-SharesOfALoop). Equal pieces
  /// where there would be fewer than two small ones.
  init(_ n: Int, unit: Int, pieces: Int, threads: Int) {
    self.unit = unit
    units = (n + unit - 1) / unit
    let small = min(units / threads, pieces / threads, 128) / 4
    (groups, groupPieces) = small >= 2 ? (threads, 1 + small) : (min(units, pieces, 4 * threads), 1)
  }

  /// Where piece `index` starts, which is where the one before it ends.
  func start(_ index: Int) -> Int {
    let (group, piece) = index.quotientAndRemainder(dividingBy: groupPieces)
    let first = units * group / groups
    guard piece > 0 else { return first * unit }
    let size = units * (group + 1) / groups - first
    let small = size / 4
    return (first + size - small + small * (piece - 1) / (groupPieces - 1)) * unit
  }
}
