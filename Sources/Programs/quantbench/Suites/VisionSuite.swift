extension Suite {
  static let vit: Suite = Suite(
    name: "vit", summary: "Vision Transformers, images a second, batches of 1 and 8"
  ) { bench in
    try bench.packs.forEachImageModel { named, images in
      for batch in [1, 8] {
        let name = "\(named.name) batch \(batch)"
        guard bench.wants(name) else { continue }
        let pixels = images.pixelValues
        let pictures = RandomFloats(count: batch * pixels)
        for threads in bench.options.threadCounts {
          let model = try named.pack.makeImageModel(maxBatch: batch, pool: bench.pools[threads])
          bench.rate(
            .vit, name, threads: threads, amount: Double(batch), unit: "images/s",
            work: Work(
              operations: Double(batch) * images.operations, bytes: Double(named.pack.stepBytes)),
            details: { ["ms": $0 * 1e3, "gop_per_image": images.operations * 1e-9] },
            body: { sink(model.classify(pictures.pointer, count: batch)[0]) })
        }
      }
    }
  }
}
