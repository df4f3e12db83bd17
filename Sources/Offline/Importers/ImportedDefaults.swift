/// How a vision model's images are prepared, as its exporter wrote it down.
///
/// In order: resize, centre crop, multiply by `rescale`, subtract `mean`, divide by `deviation`.
public struct ImportedPreprocessing: Sendable, Equatable {
  public enum Resize: Sendable, Equatable {
    case none
    /// To this height and width, whatever the proportions.
    case exact(height: Int, width: Int)
    /// The shorter edge to this length, keeping proportions.
    case shortestEdge(Int)
  }

  /// Interpolation, named and numbered as in the Python imaging library.
  public enum Resample: Int, Sendable, CaseIterable {
    case nearest = 0
    case lanczos, bilinear, bicubic, box, hamming
  }

  public struct Crop: Sendable, Equatable {
    public var height: Int
    public var width: Int
  }

  public var resize: Resize
  public var resample: Resample
  /// The centre that is kept after resizing; nil where nothing is cut off.
  public var crop: Crop?
  /// Factor from 8-bit levels; 1/255 nearly always.
  public var rescale: Double
  /// Per channel, in rescaled units.
  public var mean: [Double]
  public var deviation: [Double]
}

/// Sampling defaults of a language model; nil where the exporter left them open.
public struct ImportedGeneration: Sendable, Equatable {
  public var temperature: Double?
  public var topP: Double?
  public var topK: Int?
  public var repetitionPenalty: Double?
  /// Any of these ends a generation.
  public var endTokens: [Int]
}
