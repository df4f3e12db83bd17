import Architectures
import Kernels

/// Where one image's pixels lie, in one of the forms that an image model reads.
package typealias ImagePixels = PatchPixels

extension VisionConfiguration {
  /// How patches lie in an image.
  package var patchGrid: PatchGrid {
    PatchGrid(imageSize: imageSize, patchSize: patchSize, channels: channels)
  }
}
