import CIntrinsics
import ScalarKernels

/// Asks for the next block's weights while the present one multiplies, each pass over it for its part of them.
///
/// The hardware's own prefetching follows a slow stream among 16 rows too closely: without this, 16 rows run at half
/// the speed.
struct LinesAhead {
  private var address: UnsafeRawPointer
  private let step: Int

  /// How far ahead few rows ask at most, 6 KiB: they soon get there, and a block of a long k would drive the lines before it
  /// out of the first-level cache. Measured with one row of 4-bit weights: 3 and 8 KiB are slower, a whole block (64 KiB for
  /// 8,192 inputs) read 85 % of what memory gives, 6 KiB 94 %.
  private static var near: Int { 96 }

  /// For the only pass of few rows over `count` lines from `lines` on; the next block follows them.
  @inline(__always)
  init(_ lines: UnsafeRawPointer, count: Int) {
    self.init(address: lines + min(count, Self.near) &* 64, step: 64)
  }

  /// For a pass that asks once for each `share` of the `count` lines from `lines` on; as many follow them.
  @inline(__always)
  init(_ lines: UnsafeRawPointer, count: Int, share: Int = 1, part: Int, of parts: Int) {
    let step = 64 &* share / parts
    self.init(address: lines + (count &* 64 &+ part &* step &* (count / share)), step: step)
  }

  /// For a pass over `count` lines of `weights`, for `share` of which it asks once.
  @inline(__always)
  init(_ weights: Int8Blocks, count: Int, share: Int, part: Int, of parts: Int) {
    let lines = UnsafeRawPointer(weights.codes)
    if weights.continues {
      self.init(lines, count: count, share: share, part: part, of: parts)
    } else {
      self.init(address: lines, step: 0)
    }
  }

  @inline(__always)
  private init(address: UnsafeRawPointer, step: Int) {
    self.address = address
    self.step = step
  }

  /// Asks for the first lines of the first block, which no block before it has asked for.
  @inline(__always)
  static func begin(_ lines: UnsafeRawPointer, count: Int) {
    for line in 0..<min(count, 64) { prefetch_line(lines + line &* 64) }
  }

  /// Once for every share of the lines.
  @inline(__always)
  mutating func prefetch() {
    prefetch_line(address)
    address += step
  }

  /// The same where the pass is long, and what it asks for is not to drive what it reads out of the first-level cache.
  @inline(__always)
  mutating func prefetchEarly() {
    prefetch_line_early(address)
    address += step
  }
}
