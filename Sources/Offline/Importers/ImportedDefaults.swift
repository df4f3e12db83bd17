/// How a vision model's images are prepared, as its exporter wrote it down.
///
/// In order: resize, centre crop, multiply by `rescale`, subtract `mean`, divide by `deviation`.
package struct ImportedPreprocessing: Sendable, Equatable {
  package enum Resize: Sendable, Equatable {
    case none
    /// To this height and width, whatever the proportions.
    case exact(height: Int, width: Int)
    /// The shorter edge to this length, keeping proportions.
    case shortestEdge(Int)
  }

  /// Interpolation, named and numbered as in the Python imaging library.
  package enum Resample: Int, Sendable, CaseIterable {
    case nearest = 0
    case lanczos, bilinear, bicubic, box, hamming
  }

  package struct Crop: Sendable, Equatable {
    package var height: Int
    package var width: Int
  }

  package var resize: Resize
  package var resample: Resample
  /// The centre that is kept after resizing; nil where nothing is cut off.
  package var crop: Crop?
  /// Factor from 8-bit levels; 1/255 nearly always.
  package var rescale: Double
  /// Per channel, in rescaled units.
  package var mean: [Double]
  package var deviation: [Double]
}

/// Sampling defaults of a language model; nil where the exporter left them open.
package struct ImportedGeneration: Sendable, Equatable {
  package var temperature: Double?
  package var topP: Double?
  package var topK: Int?
  package var repetitionPenalty: Double?
  /// Any of these ends a generation.
  package var endTokens: [Int]
}
