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
}
