import Packs

extension Suite {
  /// With the file in the page cache, as after an installation; the first answer touches every page of the
  /// weights.
  static let startup: Suite = Suite(name: "startup", summary: "from a file to a model that has answered once")
  { bench in
    let threads = bench.options.mostThreads
    let pool = bench.pools[threads]
    func measure(_ named: PackSource.Named, _ start: (ModelPack) throws -> (() -> Void)) throws {
      guard bench.wants(named.name) else { return }
      var (open, build, first) = ([Double](), [Double](), [Double]())
      for _ in 0..<bench.options.repetitions {
        var pack: ModelPack?
        open.append(try Timing.seconds { pack = try ModelPack(path: named.path) })
        guard let pack else { continue }
        var answer: (() -> Void)?
        build.append(try Timing.seconds { answer = try start(pack) })
        first.append(Timing.seconds { answer?() })
      }
      let ready = Timing(samples: zip(open, build).map(+))
      bench.duration(
        .startup, named.name, threads: threads, ready, unit: .milliseconds,
        details: [
          "open_ms": Timing(samples: open).seconds * 1e3, "build_ms": Timing(samples: build).seconds * 1e3,
          "first_answer_ms": Timing(samples: first).seconds * 1e3,
        ])
    }
    try bench.packs.forEachImageModel { named, images in
      let image = RandomFloats(
        count: images.pixelValues)
      try measure(named) { pack in
        let model = try pack.makeImageModel(maxBatch: 1, pool: pool)
        return { sink(model.classify(image.pointer, count: 1)[0]) }
      }
    }
    try bench.packs.forEachSequenceModel { named, _ in
      try measure(named) { pack in
        let run = try SequenceRun(pack, sequences: 1, context: 0, stepTokens: 1, pool: pool)
        return { run.decode() }
      }
    }
  }
}
