import Architectures

/// A model that classifies images.
///
/// Confined to one thread at a time. Whoever runs steps makes one call a step; nothing below it is dynamic.
package protocol ImageModel: AnyObject {
  var traits: ImageTraits { get }
  /// Images of one call.
  var maxBatch: Int { get }

  /// Classifies `count` images, each in its own form, which must stay where it is during the call.
  ///
  /// - Returns: Logits `[count, classes]`, valid until the next call.
  func classify(count: Int, _ image: (_ index: Int) -> ImagePixels) -> UnsafeBufferPointer<Float>

  /// What `embed` answers for image `index` of the last call, `[width]`.
  func embedding(_ index: Int) -> UnsafeBufferPointer<Float>
}

extension ImageModel {
  /// Classifies `count` images, `[count, channels, imageSize, imageSize]`, already normalized.
  ///
  /// - Returns: Logits `[count, classes]`, valid until the next call.
  package func classify(_ images: UnsafePointer<Float>, count: Int) -> UnsafeBufferPointer<Float> {
    let size = traits.pixelValues
    return classify(count: count) { .planes(images + $0 * size) }
  }
}
