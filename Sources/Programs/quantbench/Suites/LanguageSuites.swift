import Architectures
import Models

extension Suite {
  static let prefill: Suite = Suite(
    name: "prefill", summary: "language models, 512 tokens of a prompt at once"
  ) { bench in
    try bench.packs.forEachSequenceModel { named, traits in
      let (name, tokens) = ("\(named.name) prefill 512", 512)
      guard bench.wants(name), traits.context >= tokens else { return }
      let operations =
        Double(tokens - 1) * traits.operations(visible: Double(tokens) / 2, head: false)
        + traits.operations(visible: Double(tokens), head: true)
      for threads in bench.options.threadCounts {
        let run = try SequenceRun(
          named.pack, sequences: 1, context: tokens, stepTokens: tokens, pool: bench.pools[threads])
        bench.rate(
          .prefill, name, threads: threads, amount: Double(tokens), unit: "tokens/s",
          work: Work(operations: operations, bytes: Double(named.pack.stepBytes)),
          details: { ["ms": $0 * 1e3] }, body: { run.prefill(tokens) })
      }
    }
  }

  static let decode: Suite = Suite(name: "decode", summary: "language models, one sequence, at a context") {
    bench in
    try bench.packs.forEachSequenceModel { named, traits in
      let usual = [128, 4_096].filter { $0 < traits.context }
      // A context that was asked for is measured even beyond what the model was made for.
      for context in bench.options.context.map({ [$0] }) ?? usual {
        try bench.decode(.decode, named, traits, sequences: 1, context: context)
      }
    }
  }

  static let batch: Suite = Suite(name: "batch", summary: "language models, sixteen sequences at a time") {
    bench in
    try bench.packs.forEachSequenceModel { named, traits in
      let context = bench.options.context ?? 128
      guard context < traits.context else { return }
      try bench.decode(.batch, named, traits, sequences: 16, context: context)
    }
  }
}

extension Bench {
  /// One new token for each of `sequences` sequences that have seen `context` tokens.
  fileprivate func decode(
    _ suite: Suite, _ named: PackSource.Named, _ traits: SequenceTraits, sequences: Int,
    context: Int
  ) throws {
    let many = sequences > 1 ? " x\(sequences)" : ""
    let name = "\(named.name)\(many) at \(context)"
    guard wants(name) else { return }
    for threads in options.threadCounts {
      let run = try SequenceRun(
        named.pack, sequences: sequences, context: context, stepTokens: sequences, pool: pools[threads])
      let bytes = named.pack.stepBytes + run.filled.stepBytes
      let operations = Double(sequences) * traits.operations(visible: Double(context), head: true)
      rate(
        suite, name, threads: threads, amount: Double(sequences), unit: "tokens/s",
        work: Work(operations: operations, bytes: Double(bytes)),
        details: { ["ms": $0 * 1e3, "gb_per_s": Double(bytes) * 1e-9 / $0] }, body: { run.decode() })
    }
  }
}
