import Testing

@testable import Kernels

@Suite("Work split")
struct WorkSplitTests {
  @Test("covers every row and channel exactly once", arguments: [1, 2, 3, 16], [0, 1, 6, 25, 197, 512])
  func coversOnce(threads: Int, rows: Int) {
    for (channels, inputs) in [(1, 4), (64, 4096), (65, 192), (700, 768), (4096, 2048)] {
      let split = WorkSplit(rows: rows, channels: channels, inputs: inputs, threads: threads)
      var covered = 0
      var starts: Set<[Int]> = []
      for index in 0..<split.count {
        let (row, channel) = (split.rows(index), split.channels(index))
        #expect(!row.isEmpty && !channel.isEmpty && channel.lowerBound % 32 == 0)
        covered += row.count * channel.count
        starts.insert([row.lowerBound, channel.lowerBound])
      }
      #expect(covered == rows * channels && starts.count == split.count)
      #expect(threads > 1 || split.count <= 1)
    }
  }

  @Test("a large batch over few channels is cut by rows, so that every thread has work")
  func cutsRows() {
    let split = WorkSplit(rows: 512, channels: 64, inputs: 4096, threads: 2)
    #expect(split.count >= 4)
  }

  @Test(
    "what a loop deals each thread is equally much, and begins with its largest piece", arguments: [2, 3, 4])
  func dealsEqually(threads: Int) {
    for (channels, inputs) in [(2048, 2048), (16_384, 2048), (128_256, 2048), (576, 1536)] {
      let split = WorkSplit(rows: 1, channels: channels, inputs: inputs, threads: threads)
      let sizes = (0..<split.count).map { split.channels($0).count }
      guard split.count > 4 * threads else { continue }
      #expect(split.count % threads == 0)
      let shares = (0..<threads).map { sizes[$0 * sizes.count / threads..<($0 + 1) * sizes.count / threads] }
      let totals = shares.map { $0.reduce(0, +) }
      #expect((totals.max() ?? 0) - (totals.min() ?? 0) <= 32, "\(totals)")
      #expect(shares.allSatisfy { $0.first ?? 0 >= $0.reduce(0, +) / 2 }, "\(sizes)")
    }
  }
}
