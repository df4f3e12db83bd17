#if arch(x86_64)
  import CIntrinsics

  /// Asks for the next block's weights while the present one multiplies, each pass over it for its part of them.
  ///
  /// The hardware's own prefetching follows a slow stream among 16 rows too closely: without this, 16 rows run at half
  /// the speed.
  struct LinesAhead {
    /// How far ahead few rows ask at most, 6 KiB: they soon get there, and a block of a long k would drive the lines before it
    /// out of the first-level cache.
    static var near: Int { 96 }

    private var address: UnsafeRawPointer
    private let step: Int

    /// Lines that a single pass asks ahead: 6 KiB. A block of a long k further on would drive the first-level cache's own
    /// lines out.
    private static let reach = 96

    /// For the only pass over `count` lines from `lines` on, which the next block follows.
    @inline(__always)
    init(_ lines: UnsafeRawPointer, count: Int) {
      step = 64
      address = lines + min(count, Self.reach) &* 64
    }

    /// For a pass over `count` lines from `lines` on; the next block follows them.
    @inline(__always)
    init(_ lines: UnsafeRawPointer, count: Int, part: Int, of parts: Int) {
      step = 64 / parts
      address = lines + count &* (64 &+ part &* step)
    }

    /// Asks for the first lines of the first block, which no block before it has asked for.
    @inline(__always)
    static func begin(_ lines: UnsafeRawPointer, count: Int) {
      for line in 0..<min(count, 64) { prefetch_line(lines + line &* 64) }
    }

    /// Once for every line.
    @inline(__always)
    mutating func prefetch() {
      prefetch_line(address)
      address += step
    }
  }
#endif
