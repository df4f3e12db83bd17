import Architectures
import ImageProcessing

extension ImagePreprocessing {
  /// Reads preprocessor_config.json; `size` and `crop_size` may be a number or an object.
  ///
  /// - Throws: ``ImportError``, also where images are prepared in a way that is not implemented: because a step is switched
  ///   on, or because the file leaves settings to the defaults of an unknown class.
  init(huggingFace settings: Settings) throws {
    try Self.checkSteps(settings)
    try Self.checkClass(settings)
    let isNormalized = try settings.flag("do_normalize", or: true)
    let half = [0.5, 0.5, 0.5]
    self.init(
      resize: try settings.flag("do_resize", or: true) ? Self.resize(settings) : .none,
      crop: try settings.flag("do_center_crop", or: false) ? Self.crop(settings) : nil,
      interpolation: try Self.interpolation(settings),
      rescale: try settings.flag("do_rescale", or: true)
        ? settings.number("rescale_factor", in: 1e-9...1e3, or: 1 / 255.0) : 1,
      mean: isNormalized ? try settings.channels("image_mean", in: -1e3...1e3, or: half) : [0, 0, 0],
      deviation: isNormalized ? try settings.channels("image_std", in: 1e-6...1e3, or: half) : [1, 1, 1])
  }

  /// Steps that may be switched on: those that are read, and those that change nothing in a picture of three channels.
  private static let steps = [
    "do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb", "do_reduce_labels",
  ]

  private static func checkSteps(_ settings: Settings) throws {
    for name in settings.values.keys.sorted() where name.hasPrefix("do_") && !steps.contains(name) {
      try settings.requireOff(name)
    }
  }

  /// The class whose defaults stand in for settings that the file leaves out. Other classes have other defaults, so their
  /// files have to name every setting.
  private static func checkClass(_ settings: Settings) throws {
    let known = ["ViTImageProcessor", "ViTImageProcessorFast", "ViTFeatureExtractor"]
    let key = settings["image_processor_type"] == nil ? "feature_extractor_type" : "image_processor_type"
    guard let name = try settings.text(key), !known.contains(name) else { return }
    let needed = ["do_resize", "resample", "do_center_crop", "do_rescale", "do_normalize"]
    guard needed.allSatisfy({ settings[$0] != nil }), settings["crop_pct"] == nil else {
      throw ImportError.unsupportedSetting(file: settings.file, key: key, found: name, supported: known)
    }
  }

  /// `resample`, a code of the Python imaging library.
  private static func interpolation(_ settings: Settings) throws -> Interpolation {
    let code = try settings.integer("resample", in: 0...5, or: Interpolation.bilinear.rawValue)
    guard let interpolation = Interpolation(rawValue: code) else {
      throw ImportError.unsupportedSetting(
        file: settings.file, key: "resample", found: "\(code)",
        supported: Interpolation.allCases.map { "\($0.rawValue) (\($0))" })
    }
    return interpolation
  }

  private static func resize(_ settings: Settings) throws -> Resize {
    if let edge = settings["size"]?.integer, Limits.image.contains(edge) {
      return .exact(height: edge, width: edge)
    }
    guard let size = try settings.object("size") else { throw settings.missing("size") }
    if size["shortest_edge"] != nil {
      return .shortestEdge(try size.integer("shortest_edge", in: Limits.image))
    }
    return .exact(
      height: try size.integer("height", in: Limits.image), width: try size.integer("width", in: Limits.image)
    )
  }

  private static func crop(_ settings: Settings) throws -> ImageSize {
    if let edge = settings["crop_size"]?.integer, Limits.image.contains(edge) {
      return ImageSize(height: edge, width: edge)
    }
    guard let size = try settings.object("crop_size") else { throw settings.missing("crop_size") }
    return ImageSize(
      height: try size.integer("height", in: Limits.image), width: try size.integer("width", in: Limits.image)
    )
  }
}

extension ImagePreprocessing {
  /// What most exporters mean when they leave the file out: a resize to the model's size, and a mean and deviation of 0.5.
  static func usual(_ images: ImageTraits) -> ImagePreprocessing {
    ImagePreprocessing(
      resize: .exact(height: images.imageSize, width: images.imageSize), mean: [0.5, 0.5, 0.5],
      deviation: [0.5, 0.5, 0.5])
  }
}
