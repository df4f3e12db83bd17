import Kernels
import TensorCore

/// The operations and bytes that a piece of work needs at least.
struct Work {
  /// Multiplications and additions of 8-bit integers.
  var operations: Double = 0
  /// Bytes that come from memory.
  var bytes: Double = 0
}

/// The machine's own limits. Each is measured when a suite first asks for it, and sampled again beside every
/// repetition of a case, so that a virtual machine whose state changes is compared with its state at that
/// moment.
final class MachineLimits {
  private struct Key: Hashable {
    let name: Measurement.Limit.Name
    let set: InstructionSet
    let threads: Int
    let bytes: Int
  }

  private let repetitions: Int
  private let probes: LimitProbes
  private var known: [Key: Timing] = [:]

  init(repetitions: Int, pools: Pools) {
    self.repetitions = repetitions
    probes = LimitProbes(pools: pools)
  }

  /// Measures everything anew from here on.
  func forget() { known.removeAll() }

  /// Seconds for one 8-bit operation while all `threads` multiply.
  func int8(_ set: InstructionSet, threads: Int) -> Timing {
    measured(Key(name: .int8, set: set, threads: threads, bytes: 0), probes.int8(set, threads: threads))
  }

  /// Seconds for one float32 operation while all `threads` multiply.
  func float32(_ set: InstructionSet, threads: Int) -> Timing {
    measured(Key(name: .float32, set: set, threads: threads, bytes: 0), probes.float32(set, threads: threads))
  }

  /// Seconds that one byte takes when memory is read from end to end.
  func memory(_ set: InstructionSet, threads: Int) -> Timing {
    measured(Key(name: .memory, set: set, threads: threads, bytes: 0), probes.memory(set, threads: threads))
  }

  /// Seconds that one byte takes when the same `byteCount` bytes are read over and over by one thread.
  func cache(_ set: InstructionSet, byteCount: Int) -> Timing {
    measured(
      Key(name: .cache, set: set, threads: 1, bytes: byteCount), probes.cache(set, byteCount: byteCount))
  }

  /// The limit that bounds `work`; nil for scalar code, which is not compared with a limit.
  func bound(of work: Work, _ set: InstructionSet, threads: Int) -> WorkLimit? {
    guard set != .scalar else { return nil }
    let compute = work.operations > 0 ? work.operations * int8(set, threads: threads).seconds : 0
    let memory = work.bytes > 0 ? work.bytes * self.memory(set, threads: threads).seconds : 0
    if compute == 0, memory == 0 { return nil }
    return compute >= memory
      ? WorkLimit(name: .int8, units: work.operations, probe: probes.int8(set, threads: threads))
      : WorkLimit(name: .memory, units: work.bytes, probe: probes.memory(set, threads: threads))
  }

  private func measured(_ key: Key, _ probe: LimitProbe) -> Timing {
    if let timing = known[key] { return timing }
    probe.body()
    let timing = Timing(repetitions: repetitions, of: probe.body)
    let perUnit = Timing(perUnit: timing, units: probe.units)
    known[key] = perUnit
    return perUnit
  }
}

/// The limit that a piece of work meets, and how to measure it at any moment.
struct WorkLimit {
  let name: Measurement.Limit.Name
  /// Operations or bytes of the work.
  let units: Double
  let probe: LimitProbe

  /// The least seconds that the work could take just now; measuring costs a few milliseconds.
  func leastSeconds() -> Double { units / probe.units * Timing.seconds(probe.body) }
}

extension Timing {
  fileprivate init(perUnit timing: Timing, units: Double) {
    seconds = timing.seconds / units
    spread = timing.spread
    repetitions = timing.repetitions
  }
}
