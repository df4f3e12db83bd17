import Checkpoints
import FoundationEssentials
import ImageProcessing
import Packs
import TestSupport

/// A pack in `models/`, and what it is asked. A clone without one is not whole, which is an error and no skip.
package enum DefaultPack: String, CaseIterable, Sendable {
  case classifier = "cifar10-vit"
  case storyteller = "stories-7m"

  package static let folder = "\(SharedData.repositoryRoot)/models"

  package var path: String { "\(Self.folder)/\(rawValue).qpack" }

  /// The key of its goldens.
  package func key() throws -> String {
    "sha256 \(try MappedFile(path: path).digest())  models/\(rawValue).qpack"
  }

  package func open() throws -> ModelPack { try ModelPack(path: path) }

  /// The paths of the sample pictures in the order of their names; there are ten.
  package static func samplePaths() throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/samples").sorted()
    return names.filter { $0.hasSuffix(".ppm") }.map { "\(folder)/samples/\($0)" }
  }

  package static func samples() throws -> [Image] {
    try samplePaths().map { try PNM.decode(MappedFile(path: $0).contents(), maxPixels: 1 << 20) }
  }
}
