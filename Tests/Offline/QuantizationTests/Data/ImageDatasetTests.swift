import Glibc
import ImageProcessing
import TestSupport
import Testing

@testable import Quantization

@Suite("Image data sets")
struct ImageDatasetTests {
  @Test("read CIFAR records: a label, then planes")
  func cifar() throws {
    var bytes: [UInt8] = []
    for label in [UInt8(7), 2] {
      bytes += [label] + (0..<3).flatMap { plane in (0..<1024).map { UInt8(truncatingIfNeeded: $0 + plane) } }
    }
    let path = try temporaryFile(bytes)
    defer { unlink(path) }
    let data = try ImageDataset.open(path: path, labels: [])
    #expect(data.items.map(\.label) == [7, 2])
    guard case .eight(let pixels) = data.items[0].image.samples else { throw WrongSamples() }
    #expect(Array(pixels[..<6]) == [0, 1, 2, 1, 2, 3])
    #expect(try ImageDataset.open(path: path, labels: [], limit: 1).items.count == 1)
  }

  @Test("refuse files that are no whole number of records", arguments: [1, 3072, 3074])
  func wrongSize(count: Int) throws {
    let path = try temporaryFile([UInt8](repeating: 1, count: count))
    defer { unlink(path) }
    #expect(throws: QuantizationError.self) { try ImageDataset.open(path: path, labels: []) }
    #expect(throws: QuantizationError.self) { try ImageDataset.open(path: path + "-absent", labels: []) }
  }

  @Test("refuse idx headers that lie about the file")
  func idx() throws {
    for header in [[0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 2]] as [[UInt8]] {
      let path = try temporaryFile([0, 0, 8, 3] + header + [0, 0, 0, 28, 0, 0, 0, 28] + [1, 2, 3])
      defer { unlink(path) }
      #expect(throws: QuantizationError.self) { try ImageDataset.open(path: path, labels: []) }
    }
  }

  @Test("read MNIST with the labels beside it", .enabled(if: SharedData.available, "needs ../shared/data"))
  func mnist() throws {
    let data = try ImageDataset.open(
      path: SharedData.path("images/mnist/test-2000-images-idx3-ubyte"), labels: [], limit: 10)
    #expect(data.items.map(\.label) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    #expect(data.items[0].image.width == 28 && data.items[0].image.channels == 1)
  }
}

private struct WrongSamples: Error {}
