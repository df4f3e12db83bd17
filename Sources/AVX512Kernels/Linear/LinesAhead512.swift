#if arch(x86_64)
  import CIntrinsics

  /// Asks for the next block's weights while the present one multiplies, each pass over it for its part of them.
  ///
  /// The hardware's own prefetching follows a slow stream among 16 rows too closely: without this, 16 rows run at half
  /// the speed.
  struct LinesAhead {
    private var address: UnsafeRawPointer
    private let step: Int

    /// How far ahead few rows ask at most, 6 KiB: they soon get there, and a block of a long k would drive the lines before it
    /// out of the first-level cache.
    private static var near: Int { 96 }

    /// For the only pass of few rows over `count` lines from `lines` on; the next block follows them.
    @inline(__always)
    init(_ lines: UnsafeRawPointer, count: Int) {
      self.init(lines, count: min(count, Self.near), part: 0, of: 1)
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
