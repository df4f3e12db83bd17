import Kernels
import Peak
import TensorCore

#if canImport(Glibc)
  import Glibc
#endif

/// A few milliseconds of work that is bound by one limit of the machine alone.
struct LimitProbe {
  /// Operations or bytes of one call of `body`.
  let units: Double
  let body: () -> Void
}

/// Makes the probes of every limit.
final class LimitProbes {
  /// Bytes that the memory's probe reads: more than any usual cache holds.
  private static let streamBytes = 256 << 20
  /// Pieces for each thread: several, so that a thread that starts late does not hold up the others.
  private static let piecesPerThread = 8
  private static let roundsPerPiece = 100_000

  private let pools: Pools
  private lazy var buffer = StreamBuffer(byteCount: Self.streamBytes)

  init(pools: Pools) { self.pools = pools }

  func int8(_ set: InstructionSet, threads: Int) -> LimitProbe {
    let kernel = PeakKernel.select(for: set)
    return registers(threads, unitsPerRound: kernel.int8Operations) { sink(kernel.int8($0)) }
  }

  func float32(_ set: InstructionSet, threads: Int) -> LimitProbe {
    let kernel = PeakKernel.select(for: set)
    return registers(threads, unitsPerRound: kernel.floatOperations) { sink(kernel.float($0)) }
  }

  func memory(_ set: InstructionSet, threads: Int) -> LimitProbe {
    read(set, threads: threads, byteCount: Self.streamBytes)
  }

  func cache(_ set: InstructionSet, byteCount: Int) -> LimitProbe {
    read(set, threads: 1, byteCount: max(4_096, byteCount & ~4_095))
  }

  private func registers(
    _ threads: Int, unitsPerRound: Int, _ rounds: @escaping (Int) -> Void
  ) -> LimitProbe {
    let (pool, pieces) = (pools[threads], threads * Self.piecesPerThread)
    return LimitProbe(units: Double(pieces * Self.roundsPerPiece * unitsPerRound)) {
      pool.forEach(pieces) { _ in rounds(Self.roundsPerPiece) }
    }
  }

  private func read(_ set: InstructionSet, threads: Int, byteCount: Int) -> LimitProbe {
    let (kernel, pool) = (PeakKernel.select(for: set), pools[threads])
    let start = UnsafeRawPointer(buffer.bytes)
    // Memory in pieces of 8 MiB, which the threads take in turn; a cache in one piece.
    let pieceBytes = min(byteCount, 8 << 20)
    let pieces = byteCount / pieceBytes
    return LimitProbe(units: Double(pieces * pieceBytes)) {
      pool.forEach(pieces) { piece in sink(kernel.read(start + piece * pieceBytes, pieceBytes)) }
    }
  }
}

/// Keeps the compiler from removing work whose result is not used.
@inline(never)
func sink<Value>(_ value: Value) {}

/// Memory to stream through, in huge pages where the system gives them, so that the memory is the limit and not
/// the translation of addresses.
private final class StreamBuffer {
  let bytes: UnsafeMutableRawPointer
  private let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    bytes = .allocate(byteCount: byteCount, alignment: 2 << 20)
    madvise(bytes, byteCount, MADV_HUGEPAGE)
    bytes.initializeMemory(as: UInt8.self, repeating: 1, count: byteCount)
  }

  deinit { bytes.deallocate() }
}
