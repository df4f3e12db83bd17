import ScalarKernels

/// How square patches lie in a square picture: row by row.
package typealias PatchGrid = ScalarKernels.PatchGrid

/// Where one picture's pixels lie.
package typealias PatchPixels = ScalarKernels.PatchPixels

extension PatchGrid {
  /// Writes the normalized values of patch `index`, ordered as a convolution kernel `[channels, patch, patch]`.
  package func extract(_ index: Int, of pixels: PatchPixels, to row: UnsafeMutablePointer<Float>) {
    extractPatch(pixels, self, index, to: row)
  }
}
