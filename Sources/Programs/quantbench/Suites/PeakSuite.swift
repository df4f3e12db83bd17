extension Suite {
  /// The denominators of all other suites.
  static let peak: Suite = Suite(name: "peak", summary: "this machine's own limits: multiply-adds and memory")
  { bench in
    for set in bench.options.sets {
      for threads in bench.options.threadCounts {
        let limits = bench.limits
        func add(_ name: String, _ unit: String, _ timing: Timing) {
          bench.report.add(
            Measurement(
              suite: "peak", name: name, isa: set, threads: threads, value: 1e-9 / timing.seconds, unit: unit,
              limit: nil, repetitions: timing.repetitions, spread: timing.spread))
        }
        if bench.wants("int8 in registers") {
          add("int8 in registers", "Gop/s", limits.int8(set, threads: threads))
        }
        if bench.wants("float32 in registers") {
          add("float32 in registers", "GFLOP/s", limits.float32(set, threads: threads))
        }
        if bench.wants("memory read, 256 MiB") {
          add("memory read, 256 MiB", "GB/s", limits.memory(set, threads: threads))
        }
      }
    }
  }
}
