import Importers
import TestSupport
import Testing

@testable import Reference

@Suite("Float32 weights")
struct FloatWeightsTests {
  @Test("are the same whether they are held or read when they are needed")
  func readWhenNeeded() throws {
    let folder = try ScratchFolder()
    try HuggingFaceCheckpoint.language(seed: 3).write(to: folder.path)
    let model = try ImportedModel.open(folder.path)
    let table = model.configuration.tensorTable
    var reads = 0
    let held = try FloatWeights(table, tensor: model.tensor)
    let read = try FloatWeights(table, limit: 0) { name in
      reads += 1
      return try model.tensor(name)
    }
    #expect(reads == table.sources.count)
    for row in table.matrices {
      for part in row.sources.indices {
        #expect(held.module(row, part).weight == read.module(row, part).weight)
      }
    }
    #expect(reads > table.sources.count)
    #expect(held.norm(.finalNorm, nil).weight == read.norm(.finalNorm, nil).weight)
  }
}
