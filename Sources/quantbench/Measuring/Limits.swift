import Kernels
import TensorCore

#if canImport(Glibc)
  import Glibc
#endif

/// What a piece of work costs at least.
struct Work {
  /// Multiplications and additions of 8-bit integers.
  var operations: Double = 0
  /// Bytes that come from memory.
  var bytes: Double = 0
}

/// The machine's own limits: each measured when a suite first asks for it, so that a virtual machine whose
/// state changes during a long run is compared with itself.
final class Limits {
  private struct Key: Hashable {
    let name: Measurement.Limit.Name
    let set: InstructionSet
    let threads: Int
    let bytes: Int
  }

  /// Larger than any cache this is likely to meet.
  static let streamBytes = 256 << 20

  private let repetitions: Int
  private let pools: Pools
  private var known: [Key: Timing] = [:]
  private lazy var buffer = StreamBuffer(byteCount: Self.streamBytes)

  init(repetitions: Int, pools: Pools) {
    self.repetitions = repetitions
    self.pools = pools
  }

  /// Measures everything anew from here on.
  func forget() { known.removeAll() }

  /// Seconds that one 8-bit operation takes all `threads` together.
  func int8(_ set: InstructionSet, threads: Int) -> Timing {
    let kernel = PeakKernel.select(for: set)
    return perUnit(.int8, set, threads, unitsPerRound: kernel.int8Operations) { sink(kernel.int8($0)) }
  }

  /// As ``int8(_:threads:)``, for float32.
  func float32(_ set: InstructionSet, threads: Int) -> Timing {
    let kernel = PeakKernel.select(for: set)
    return perUnit(.float32, set, threads, unitsPerRound: kernel.floatOperations) { sink(kernel.float($0)) }
  }

  /// Seconds that one byte takes when memory is read from end to end.
  func memory(_ set: InstructionSet, threads: Int) -> Timing {
    read(.memory, set, threads: threads, byteCount: Self.streamBytes)
  }

  /// Seconds that one byte takes when the same `byteCount` bytes are read over and over by one thread.
  func cache(_ set: InstructionSet, byteCount: Int) -> Timing {
    read(.cache, set, threads: 1, byteCount: max(4_096, byteCount & ~4_095))
  }

  /// The least time that `work` can take, and what sets it; nil for scalar code, whose limits nobody needs.
  func leastSeconds(
    _ work: Work, _ set: InstructionSet, threads: Int
  ) -> (seconds: Double, name: Measurement.Limit.Name)? {
    guard set > .scalar else { return nil }
    let compute = work.operations > 0 ? work.operations * int8(set, threads: threads).seconds : 0
    let memory = work.bytes > 0 ? work.bytes * memory(set, threads: threads).seconds : 0
    if compute == 0, memory == 0 { return nil }
    return compute >= memory ? (compute, .int8) : (memory, .memory)
  }

  /// Pieces a thread gets: several, so that one that starts late holds nobody up.
  private static let piecesPerThread = 8
  private static let roundsPerPiece = 100_000

  private func perUnit(
    _ name: Measurement.Limit.Name, _ set: InstructionSet, _ threads: Int, unitsPerRound: Int,
    _ rounds: (Int) -> Void
  ) -> Timing {
    let pieces = threads * Self.piecesPerThread
    return measured(Key(name: name, set: set, threads: threads, bytes: 0)) {
      pools[threads].forEach(pieces) { _ in rounds(Self.roundsPerPiece) }
      return Double(pieces * Self.roundsPerPiece * unitsPerRound)
    }
  }

  private func read(
    _ name: Measurement.Limit.Name, _ set: InstructionSet, threads: Int, byteCount: Int
  ) -> Timing {
    let kernel = PeakKernel.select(for: set)
    let start = UnsafeRawPointer(buffer.bytes)
    // Memory in pieces of 8 MiB, which the threads take in turn; a cache in one piece.
    let pieceBytes = min(byteCount, 8 << 20)
    return measured(Key(name: name, set: set, threads: threads, bytes: byteCount)) {
      pools[threads].forEach(byteCount / pieceBytes) { piece in
        sink(kernel.read(start + piece * pieceBytes, pieceBytes))
      }
      return Double(byteCount / pieceBytes * pieceBytes)
    }
  }

  /// - Parameter body: Does the work and returns its units.
  private func measured(_ key: Key, _ body: () -> Double) -> Timing {
    if let timing = known[key] { return timing }
    let units = body()
    let timing = Timing(repetitions: repetitions) { _ = body() }
    let perUnit = Timing(perUnit: timing, units: units)
    known[key] = perUnit
    return perUnit
  }
}

extension Timing {
  fileprivate init(perUnit timing: Timing, units: Double) {
    seconds = timing.seconds / units
    spread = timing.spread
    repetitions = timing.repetitions
  }
}

/// Keeps the compiler from dropping work whose result nobody needs.
@inline(never)
func sink<Value>(_ value: Value) {}

/// Memory to stream through, in huge pages where the system gives them: the limit should be the memory's, not
/// that of the address translation.
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
